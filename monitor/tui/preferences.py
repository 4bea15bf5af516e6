"""The theme and keys in force: the operator's choice, then the config, then the terminal's default.

The operator's choices are saved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.model import DashboardSettings
from monitor.tui.data.moments import use_utc
from monitor.tui.keys import textual_keys
from monitor.tui.settings_file import SettingsFile
from monitor.tui.terminal.theme import THEMES, Palette, chosen_theme, palette, tailored

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


class Preferences:
    """The preferences of one dashboard; ``memory`` stores the operator's choices."""

    def __init__(self, app: Dashboard, settings_file: SettingsFile) -> None:
        self._app = app
        self._settings_file = settings_file
        self.view_settings = settings_file.recall()
        """The operator's choices as last saved."""
        self.trouble = settings_file.trouble
        """The settings file's problem as a sentence."""
        self.settings = DashboardSettings()
        """The config's settings."""
        self._own: Mapping[str, Palette] = {}
        """The palettes of the user's own themes."""

    def begin(self) -> None:
        """Choose a theme before the engine has answered."""
        for theme in THEMES:
            self._app.register_theme(theme)
        self.dress()
        use_utc(self.view_settings.utc)

    def palette(self) -> Palette:
        """The drawing context of the theme in force."""
        return palette(self._app.current_theme, self._own, colourless=self._app.colourless)

    def dress(self) -> None:
        """Switch to the theme in force."""
        wanted, view_settings = self.settings.theme, self.view_settings
        picked = view_settings.theme if view_settings.theme_over == wanted else ""
        app = self._app
        app.theme = chosen_theme(app.environ, app.available_themes, wanted=wanted, picked=picked)

    def take(self, settings: DashboardSettings) -> None:
        """Apply the config's settings."""
        if settings == self.settings:
            return
        self.settings = settings
        altered = self._take_themes()
        self.dress()
        if self._app.theme in altered:
            self._app.apply_theme_again()
        self._app.set_keymap({name: textual_keys(keys) for name, keys in settings.keys.items()})

    def _take_themes(self) -> Collection[str]:
        """Register the config's own themes. Return the names of all themes."""
        made = {name: tailored(name, wanted) for name, wanted in self.settings.themes.items()}
        gone, self._own = self._own, {name: palette for name, (_, palette) in made.items()}
        for theme, _ in made.values():
            self._app.register_theme(theme)
        for name in gone.keys() - made.keys():
            self._app.unregister_theme(name)
        return made

    def pick(self, theme: str) -> None:
        """Apply the theme picked by the operator. It stays in force until the config's setting changes."""
        self._app.theme = theme
        self.view_settings = replace(self.view_settings, theme=theme, theme_over=self.settings.theme)
        self.remember()

    def switch_utc(self) -> bool:
        """Show times in UTC instead of the machine's zone, or the reverse. Returns whether it is UTC."""
        self.view_settings = replace(self.view_settings, utc=not self.view_settings.utc)
        use_utc(self.view_settings.utc)
        self.remember()
        return self.view_settings.utc

    def remember(self) -> None:
        """Save the choices."""
        kept = self.view_settings
        self.view_settings = replace(
            self._app.overview.view_settings(), utc=kept.utc, theme=kept.theme, theme_over=kept.theme_over
        )
        self._settings_file.keep(self.view_settings, self._app.say)

    async def settle(self) -> None:
        """Wait until the choices are saved."""
        await self._settings_file.settle()
