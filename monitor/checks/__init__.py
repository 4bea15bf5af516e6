"""Running one check: its deadline, and whether a failure is the endpoint's fault or this machine's."""
