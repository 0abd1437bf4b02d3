"""One module per notebook: the tables that it shows, nothing else."""
