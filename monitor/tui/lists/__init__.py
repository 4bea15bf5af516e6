"""The endpoints, incidents and certificates that a view lists, and their order. Pure."""
