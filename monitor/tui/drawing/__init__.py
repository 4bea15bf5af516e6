"""Draws values as lines of styled text for a given width. Pure: no widget, no clock."""
