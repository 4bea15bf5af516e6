"""Servers that misbehave on purpose, on loopback only: for `monitor demo`, tests and benchmarks."""
