"""Processes without a screen: engine, daemon, web address, one-shot checks."""
