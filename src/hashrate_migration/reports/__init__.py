"""From notebooks and parameters to pages.

catalogue -> notebook_parameters -> execute -> page -> site, each using only those before it;
``render`` runs them for the command line.
"""
