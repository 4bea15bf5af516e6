"""Changing a config file in place: only the lines concerned, with comments and order kept."""
