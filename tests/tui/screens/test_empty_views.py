"""Every key in every view without endpoints: no exception, and a screen that says why it is empty."""

import pytest
from fake_source import FakeSource

from monitor.syntax.keymap import KEYS, PARTS

VIEWS = {
    "overview": ("1", "nothing is watched yet"),
    "incidents": ("2", "no incident since"),
    "certificates": ("3", "no endpoint presents a certificate"),
    "log": ("4", "nothing has happened yet"),
    "wall": ("5", "nothing is watched yet"),
    "silences": ("7", "nothing is silenced"),
    "dependencies": ("8", "no endpoint depends on another"),
}


def nothing() -> FakeSource:
    return FakeSource([], [])


@pytest.mark.parametrize("seat", [nothing], indirect=True)
@pytest.mark.parametrize("view", VIEWS)
async def test_no_key_of_an_empty_view_does_harm(seat, monkeypatch, view):
    monkeypatch.setattr("monitor.tui.app.Dashboard._run_editor", lambda *_: None)
    key, why = VIEWS[view]
    await seat.press(key)
    await seat.until(lambda: why in "\n".join(seat.lines()))
    names = [name for name in KEYS if name.partition(".")[0] in (view, *PARTS[view])]
    for name in names:
        await seat.press(KEYS[name][0])
        assert seat.app.is_running, name
        await seat.press("escape", "escape", key)
    await seat.until(lambda: why in "\n".join(seat.lines()))
