"""Values as lines of styled text, in the width there is. Pure: no widget, no clock."""
