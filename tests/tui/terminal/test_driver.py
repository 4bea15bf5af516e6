"""The dashboard in a real pseudo-terminal."""

import os
import re
import signal
import time

import pytest
from terminal_pty import HERE, Terminal

from monitor.tui.terminal.driver import has_title

pytestmark = pytest.mark.long

PROGRAM = str(HERE / "fake_dashboard.py")
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")

TRUE_COLOURS, OF_256 = re.compile(rb"[34]8;2;"), re.compile(rb"[34]8;5;")


def test_the_first_paint_shows_every_endpoint_and_what_is_wrong_first():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("? help")
        terminal.shows("api-eu")
        text = terminal.text()
        assert "connection refused" in text
        assert text.index("DOWN") < text.index("webhooks")


@pytest.mark.parametrize("keys", ["q", "\x03", "\x11"])
def test_quitting_asks_nothing_and_restores_the_terminal(keys):
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        terminal.type(keys)
        assert terminal.ended() == 0
        assert terminal.restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_with_the_terminal_restored(number):
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        terminal.signal(number)
        assert terminal.ended() == 0
        assert terminal.restored()


def test_a_terminal_that_has_gone_ends_it():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        terminal.hang_up()
        terminal.process.wait(10)


@pytest.mark.parametrize("size", [(0, 0), (80, 0), (0, 24)])
def test_a_terminal_without_a_size_is_taken_for_80_by_24(size):
    with Terminal(PROGRAM, size=size) as terminal:
        terminal.shows("? help")
        terminal.falls_silent(0.5)
        assert len(terminal.raw) < 60_000
        terminal.resize(120, 30)
        terminal.shows(" LATENCY ")
        terminal.type("q")
        assert terminal.ended() == 0


def test_ctrl_z_suspends_it_and_it_comes_back():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        terminal.type("\x1a")
        terminal.until(lambda: b"\x1b[?1049l" in terminal.raw)
        _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        before = len(terminal.raw)
        terminal.signal(signal.SIGCONT)
        terminal.until(lambda: terminal.raw.count(b"\x1b[?1049h") == 2)
        # The terminal has forgotten the picture, so all of it has to come again.
        terminal.until(lambda: b"api-eu" in terminal.raw[before:] and b"filter" in terminal.raw[before:])
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.restored()


def test_the_mouse_can_be_left_to_the_terminal_and_taken_back():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        terminal.type("Y")
        terminal.shows("the mouse is the terminal's")
        assert terminal.raw.rfind(b"\x1b[?1000l") > terminal.raw.rfind(b"\x1b[?1000h")
        terminal.type("Y")
        terminal.shows("the mouse works here")
        assert terminal.raw.rfind(b"\x1b[?1000h") > terminal.raw.rfind(b"\x1b[?1000l")
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.restored()


VIEWS = {
    "overview": ("", "api-eu", (80, 24)),
    "detail": ("\r", "Explained", (80, 24)),
    "log": ("4", "open endpoint", (80, 24)),
    "config": ("6", "in force", (80, 24)),
    "columns": ("C", "always shown", (80, 24)),
    "help": ("?", "General", (80, 24)),
    "palette": (":", "command or endpoint", (80, 24)),
    "filter": ("/", "!not", (80, 24)),
    "wide": ("", "Explained", (200, 50)),
}
TYPED_INTO = "palette", "filter"


@pytest.fixture(scope="module")
def shared_terminal():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        yield terminal


@pytest.fixture
def view(request, shared_terminal):
    """A terminal that shows one view, and the overview again afterwards."""
    keys, sign, size = VIEWS[request.param]
    shared_terminal.resize(*size)
    shared_terminal.type(keys)
    shared_terminal.shows(sign)
    yield shared_terminal
    if keys:
        shared_terminal.type("\x1b" if request.param in TYPED_INTO else "1")
        shared_terminal.until(lambda: sign not in shared_terminal.text())


@pytest.mark.parametrize("view", VIEWS, indirect=True)
def test_nothing_is_written_while_nothing_changes(view, request):
    # Longer than it takes a cursor to begin to blink, or else than one pull to the next.
    view.falls_silent(1.0 if request.node.callspec.id in TYPED_INTO else 0.35)


WALK = {
    "\r": "Explained",
    "2": "no incident",
    "3": "no endpoint presents",
    "4": "open endpoint",
    "5": "data 0s old",
    "6": "in force",
    "1v": "latency of 5 endpoints",
    "1C": "always shown",
    "1?": "General",
    "1s": "s severity",
    "\x1b1/zzz\r": "no endpoint fits",
    "1:": "command or endpoint",
}
"""What leads from each view to the next, and what tells that it is there."""


def walk_through(terminal):
    """See everything once."""
    terminal.shows("api-eu")
    for keys, sign in WALK.items():
        terminal.type(keys)
        terminal.shows(sign)


def test_no_color_means_no_colour_at_all():
    with Terminal(PROGRAM, NO_COLOR="1", COLORTERM="truecolor") as terminal:
        walk_through(terminal)
        assert not COLOUR.search(terminal.raw)
        assert b"7m" in terminal.raw


def test_a_terminal_of_sixteen_colours_is_never_sent_any_other():
    with Terminal(PROGRAM, TERM="screen") as terminal:
        walk_through(terminal)
        assert COLOUR.search(terminal.raw)
        assert not TRUE_COLOURS.search(terminal.raw)
        assert not OF_256.search(terminal.raw)


@pytest.mark.parametrize(
    ("term", "more"),
    [
        ("xterm-256color", {}),
        ("tmux-256color", {}),
        ("xterm-256color", {"COLORTERM": "truecolor"}),
        ("foot", {}),
        ("rxvt", {}),
        ("screen", {}),
        ("xterm-16color", {}),
        ("linux", {}),
        ("vt100", {}),
    ],
)
def test_a_terminal_is_given_no_more_colours_than_it_has(term, more):
    with Terminal(PROGRAM, TERM=term, **more) as terminal:
        terminal.shows("api-eu")
        assert bool(TRUE_COLOURS.search(terminal.raw)) is ("COLORTERM" in more or term == "foot")
        assert bool(OF_256.search(terminal.raw)) is ("256" in term and not more)


@pytest.mark.parametrize("environ", [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"TERM": "linux"}])
def test_a_terminal_without_unicode_gets_ascii_only(environ):
    with Terminal(PROGRAM, **environ) as terminal:
        terminal.shows("api-eu")
        assert terminal.raw.isascii()


def test_without_mouse_none_is_asked_for():
    with Terminal(PROGRAM, "--no-mouse") as terminal:
        terminal.shows("api-eu")
        assert b"\x1b[?1000h" not in terminal.raw


def test_any_size_is_drawn_and_a_storm_of_sizes_survived():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        for columns, lines in [(20, 5), (1, 1), (300, 90), (3, 2), (60, 15)] * 4:
            terminal.resize(columns, lines)
        terminal.resize(100, 30)
        terminal.shows("connection refused")
        terminal.type("q")
        assert terminal.ended() == 0


def test_typed_garbage_is_survived():
    with Terminal(PROGRAM) as terminal:
        terminal.shows("api-eu")
        os.write(terminal.master, b"\xff\xfe\x80\x1b[999;999;999X\x1b]0;x\x07")
        terminal.type("j")
        terminal.shows("2/7")
        terminal.type("q")
        assert terminal.ended() == 0


def test_a_stalled_terminal_does_not_keep_it_from_ending():
    with Terminal(PROGRAM, size=(300, 90)) as terminal:
        terminal.shows("api-eu")
        for _ in range(60):  # full screens that nobody reads
            terminal.type("\x0c")
        terminal.signal(signal.SIGTERM)
        terminal.process.wait(10)


def test_after_a_stall_the_newest_state_appears_and_little_was_queued():
    with Terminal(PROGRAM, "--busy", size=(200, 50)) as terminal:
        terminal.shows("api-eu")
        time.sleep(3)  # the terminal is not read: that is the stall itself, not waiting for something
        assert len(terminal.read(0.3)) < 200_000
        terminal.type("!")
        terminal.shows("problems only")


def test_a_slow_line_is_told_of_in_the_header_once_it_has_caught_up():
    with Terminal(PROGRAM, "--busy", size=(200, 50)) as terminal:
        terminal.shows("api-eu")
        assert "slow line" not in terminal.text()
        for _ in range(8):  # more than a pseudo-terminal holds for somebody who does not read
            terminal.type("\x0c")
        time.sleep(1.2)  # the terminal is not read: that is the stall itself, not waiting for something
        terminal.shows("slow line <")


def test_a_crash_is_told_in_one_line_and_the_terminal_restored():
    with Terminal(PROGRAM, "--crash") as terminal:
        assert terminal.ended() == 2
        assert terminal.restored()
        assert b"internal error: RuntimeError: boom" in terminal.raw
        assert b"Traceback" not in terminal.raw


def test_an_editor_gets_the_terminal_and_the_line_and_gives_it_back(tmp_path):
    editor, told = tmp_path / "vi", tmp_path / "told"
    editor.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    editor.chmod(0o755)
    with Terminal(PROGRAM, EDITOR=str(editor), VISUAL="") as terminal:
        terminal.shows("api-eu")
        terminal.type("\x05")
        terminal.shows("Reload done")
        assert told.read_text() == "+7 /etc/monitor.toml\n"
        terminal.type("j")
        terminal.shows("2/7")
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.restored()


def test_the_window_has_a_title_with_what_is_wrong_and_gets_its_old_one_back():
    with Terminal(PROGRAM) as terminal:
        terminal.until(lambda: b"\x1b[22;2t\x1b]2;" in terminal.raw)
        title = re.search(rb"\x1b\]2;([^\x07]*)\x07", terminal.raw)[1].decode()
        assert title == "✖1 ◆1 ▲1 test.toml"
        assert terminal.raw.count(b"\x1b]2;") == 1
        terminal.type("q")
        assert terminal.ended() == 0
        assert terminal.raw.count(b"\x1b[23;2t") == 1


@pytest.mark.parametrize(
    ("term", "has"),
    [("xterm-256color", True), ("tmux", True), ("linux", False), ("vt220", False), ("", False)],
)
def test_a_console_that_would_print_the_title_gets_none(term, has):
    assert has_title(term) is has


# ---- the program ends even when its event loop no longer turns


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
