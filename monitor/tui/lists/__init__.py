"""Which endpoints, incidents and certificates a view lists, and in which order. Pure."""
