"""The terminal below the screens: driver, colours, symbols. All use of Textual's private parts is here."""
