"""The private parts of Textual that the dashboard relies on are still there."""

import inspect

import pytest
import textual
from textual._compositor import ChopsUpdate, Compositor
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.command import CommandPalette
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widget import Widget

PARTS = {
    App: ["_watch_theme", "_handle_exception", "_close_messages_no_wait", "_background_screens"],
    Screen: ["_on_timer_update", "_update_timer", "_compositor_refresh", "is_current"],
    Widget: ["_exchange_repaint_regions"],
    Compositor: ["render_partial_update", "_render_chops", "_regions_to_spans", "update_widgets"],
    ChopsUpdate: ["render_segments"],
    CommandPalette: ["_action_command_list"],
    LinuxDriver: ["_get_terminal_size", "run_input_thread", "start_application_mode", "process_message"],
    WriterThread: ["write", "run", "stop"],
    XTermParser: ["feed", "tick"],
}
"""The members that terminal/ overrides or calls."""
ATTRIBUTES = {
    Compositor.__init__: ["_dirty_regions"],
    App.__init__: ["_driver"],
    Screen.__init__: ["_dirty_widgets", "_compositor"],
    LinuxDriver.__init__: ["exit_event", "fileno", "_writer_thread", "_file"],
}
"""The attributes that terminal/ uses, and where Textual sets them."""
CHANGED = "Textual {} has no {}.{} any more: adapt monitor/tui/terminal, or pin an older Textual"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in PARTS.items() for name in names])
def test_a_member_is_still_there(kind, name):
    assert hasattr(kind, name), CHANGED.format(textual.__version__, kind.__name__, name)


@pytest.mark.parametrize(
    ("made", "name"), [(made, name) for made, names in ATTRIBUTES.items() for name in names]
)
def test_an_attribute_is_still_set(made, name):
    assert f"self.{name}" in inspect.getsource(made), CHANGED.format(
        textual.__version__, made.__qualname__, name
    )


def test_a_partial_update_still_has_chops_and_spans():
    assert list(inspect.signature(ChopsUpdate.__init__).parameters)[1:4] == ["chops", "spans", "chop_ends"]


def test_a_screen_still_asks_is_current_before_it_paints():
    assert "self.is_current" in inspect.getsource(Screen._on_timer_update)
