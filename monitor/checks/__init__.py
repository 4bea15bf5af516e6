"""Running one check: its deadline, and the faults of this machine."""
