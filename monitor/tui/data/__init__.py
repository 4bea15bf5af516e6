"""The dashboard's copy of the engine's state, and how it is fetched. No Textual."""
