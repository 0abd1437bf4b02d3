"""From notebooks and parameters to pages.

catalogue -> parameters -> execute -> page -> site, each using only those before it;
``render`` runs them for the command line.
"""
