"""Processes without a screen: the engine's host, its HTTP address, and one-shot checks."""
