"""The program ends even when its event loop no longer turns."""

import signal

import pytest
from terminal_pty import HERE, Terminal


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, "\x03", "\x11"], ids=repr)
def test_a_stuck_dashboard_ends_and_restores_the_terminal(end):
    with Terminal(str(HERE / "fake_dashboard.py"), "--stuck") as terminal:
        terminal.until(lambda: b"stuck" in terminal.raw)
        if isinstance(end, str):
            terminal.type(end)
        else:
            terminal.signal(end)
        assert terminal.ended() == 1
        assert terminal.restored()
