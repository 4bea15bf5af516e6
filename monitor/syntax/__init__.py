"""Text that people write: durations, selections, command lines and names of keys. Pure."""
