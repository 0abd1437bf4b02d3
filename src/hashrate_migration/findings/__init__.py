"""What follows from the reconstruction: events, machines, concentration, claims, outlook."""
