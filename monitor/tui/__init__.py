"""The dashboard: a client that shows what an engine says. The only package that imports Textual."""
