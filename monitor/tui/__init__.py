"""The dashboard: a client of an engine. The only package that imports Textual."""
