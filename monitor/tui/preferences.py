"""Whose word holds on how the dashboard looks and which keys it has.

The terminal suggests, the config asks, and the operator picks; what is picked is remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from monitor.model import DashboardSettings
from monitor.tui.keys import textual_keys
from monitor.tui.settings_file import SettingsFile
from monitor.tui.terminal.theme import THEMES, Palette, chosen_theme, palette, tailored

if TYPE_CHECKING:
    from monitor.tui.app import Dashboard


class Preferences:
    """The preferences of one dashboard; ``memory`` keeps what the operator picks."""

    def __init__(self, app: Dashboard, settings_file: SettingsFile) -> None:
        self._app = app
        self._settings_file = settings_file
        self.view_settings = settings_file.recall()
        """What the operator chose, as of when it was last remembered."""
        self.trouble = settings_file.trouble
        """What is wrong with the memory, as a sentence."""
        self.settings = DashboardSettings()
        """What the config asks for."""
        self._own: Mapping[str, Palette] = {}
        """The palettes of the user's own themes."""

    def begin(self) -> None:
        """DrawContext as is known to be wanted before the engine has said anything."""
        for theme in THEMES:
            self._app.register_theme(theme)
        self.dress()

    def palette(self) -> Palette:
        """What to draw with under the theme that holds now."""
        return palette(self._app.current_theme, self._own, colourless=self._app.colourless)

    def dress(self) -> None:
        """See that the theme is the one that holds."""
        wanted, view_settings = self.settings.theme, self.view_settings
        picked = view_settings.theme if view_settings.theme_over == wanted else ""
        app = self._app
        app.theme = chosen_theme(app.environ, app.available_themes, wanted=wanted, picked=picked)

    def take(self, settings: DashboardSettings) -> None:
        """Let these be what the config asks for."""
        if settings == self.settings:
            return
        self.settings = settings
        altered = self._take_themes()
        self.dress()
        if self._app.theme in altered:
            self._app.apply_theme_again()
        self._app.set_keymap({name: textual_keys(keys) for name, keys in settings.keys.items()})

    def _take_themes(self) -> Collection[str]:
        """Let the user's own themes be those of the config; the names of those that there are now."""
        made = {name: tailored(name, wanted) for name, wanted in self.settings.themes.items()}
        gone, self._own = self._own, {name: palette for name, (_, palette) in made.items()}
        for theme, _ in made.values():
            self._app.register_theme(theme)
        for name in gone.keys() - made.keys():
            self._app.unregister_theme(name)
        return made

    def pick(self, theme: str) -> None:
        """The operator picks a theme; it holds until the config asks for another."""
        self._app.theme = theme
        self.view_settings = replace(self.view_settings, theme=theme, theme_over=self.settings.theme)
        self.remember()

    def remember(self) -> None:
        """Keep what is chosen for the next time."""
        theme, over = self.view_settings.theme, self.view_settings.theme_over
        self.view_settings = replace(self._app.overview.view_settings(), theme=theme, theme_over=over)
        self._settings_file.keep(self.view_settings, self._app.say)

    async def settle(self) -> None:
        """Wait until what is to be kept is kept."""
        await self._settings_file.settle()
