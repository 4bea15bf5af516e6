"""The parts of a screen, one region a file."""
