"""One connection, opened fresh and timed by phase: resolve, connect, TLS, exchange."""
