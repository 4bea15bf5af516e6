"""The installed program in tmux, as its users run it: on a config file, against a server that fails."""

from __future__ import annotations

import http.server
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("monitor")
PATIENCE = 30.0


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with the status that is wanted."""

    wanted = 200

    def do_GET(self) -> None:
        self.send_response(type(self).wanted)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Tmux:
    """A tmux server of its own with one window; a shell is left behind when the program has ended."""

    def __init__(self, tmux: str, folder: Path, command: str) -> None:
        self._tmux = [tmux, "-S", str(folder / "tmux.sock"), "-f", "/dev/null"]
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        shell = f"{command}; echo ended with $?; exec cat"
        size = ("-x", "100", "-y", "30")
        subprocess.run([*self._tmux, "new-session", "-d", *size, shell], check=True, env=env, cwd=folder)

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)

    def text(self) -> str:
        """What a person would see."""
        told = subprocess.run(
            [*self._tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True, encoding="utf-8"
        )
        return told.stdout

    def type(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def resize(self, columns: int, lines: int) -> None:
        size = ("-x", str(columns), "-y", str(lines))
        subprocess.run([*self._tmux, "resize-window", *size], check=True)

    def until(self, holds: Callable[[str], object]) -> str:
        """DrawContext until it ``holds``; fails when it never does."""
        end = time.monotonic() + PATIENCE
        while not holds(text := self.text()):
            assert time.monotonic() < end, f"never seen; the screen is:\n{text}"
            time.sleep(0.05)
        return text

    def shows(self, pattern: str) -> str:
        return self.until(lambda text: re.search(pattern, text, re.MULTILINE))


@pytest.fixture
def port() -> Iterator[int]:
    Page.wanted = 200
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def endpoint(name: str, port: int) -> str:
    timing = 'interval = "1s"\nretry_interval = "1s"\ndown_after = 2\nup_after = 1\n'
    return f'[[endpoints]]\nname = "{name}"\nurl = "http://127.0.0.1:{port}/"\n{timing}\n'


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_text(endpoint("Shop front", port) + endpoint("Blog", port))
    return file


@pytest.fixture
def tmux(needs: Callable[[str], str], tmp_path: Path, config: Path) -> Iterator[Tmux]:
    running = Tmux(needs("tmux"), tmp_path, f"{PROGRAM} -c {config}")
    yield running
    running.close()


def children(of: int) -> list[int]:
    told = Path(f"/proc/{of}/task/{of}/children").read_text(encoding="ascii")
    return [int(child) for child in told.split()]


def dashboard_of(config: Path) -> int:
    """The process of the dashboard that shows ``config``."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(config).encode() in words and str(PROGRAM).encode() in words:
            return int(entry.name)
    raise AssertionError("there is no dashboard")


def test_a_working_day(tmux: Tmux, config: Path, port: int) -> None:
    tmux.shows(r"● up .*Shop front .*200 OK")
    tmux.type("/", "b", "l", "o", "Enter")
    tmux.until(lambda text: "Blog" in text and "Shop front" not in text)
    tmux.type("Escape")
    tmux.shows("Shop front")

    Page.wanted = 503
    tmux.shows(r"✖ DOWN .*Shop front .*expected status 2xx, got 503")
    tmux.type("2")
    tmux.shows(r"✖ OPEN .*Blog .*expected status 2xx, got 503")
    tmux.type("Enter")
    tmux.shows("Explained")
    Page.wanted = 200
    tmux.shows(r"(?s)● up .*since")
    tmux.type("1")

    config.write_text(config.read_text().replace("Blog", "Weblog") + endpoint("New one", port))
    tmux.shows(r"● up .*New one")
    config.write_text(endpoint("Shop front", port).replace('"1s"', '"soon"', 1))
    tmux.shows(r"config: 1 problem \(6\)")
    tmux.type("6")
    tmux.shows(r"monitor.toml:4: .*interval")
    tmux.type("1")
    config.write_text(endpoint("Shop front", port))
    tmux.until(lambda text: "config not in force" not in text and "Weblog" not in text)

    tmux.resize(40, 10)
    tmux.until(lambda text: "Shop front" in text and max(map(len, text.splitlines())) <= 40)
    tmux.resize(120, 40)
    tmux.shows(r"SINCE RECENT")
    tmux.type("q")
    assert "Shop front" not in tmux.shows("ended with 0")


def test_an_engine_that_is_killed_is_started_again_and_the_log_says_so(tmux: Tmux, config: Path) -> None:
    tmux.shows(r"● up .*Shop front")
    (engine,) = children(dashboard_of(config))
    os.kill(engine, signal.SIGKILL)
    tmux.type("4")
    tmux.shows(r"BAD .*engine .*(killed|started)")
    tmux.type("1")
    tmux.shows(r"● up .*Shop front")
    tmux.type("q")
    tmux.shows("ended with 0")


def test_a_dashboard_that_is_killed_takes_its_engine_with_it(tmux: Tmux, config: Path) -> None:
    tmux.shows(r"● up .*Shop front")
    dashboard = dashboard_of(config)
    (engine,) = children(dashboard)
    os.kill(dashboard, signal.SIGKILL)
    tmux.until(lambda _: not Path(f"/proc/{engine}").exists())


def test_the_whole_picture_comes_back_after_a_suspension(tmux: Tmux, config: Path) -> None:
    tmux.shows(r"● up .*Blog")
    tmux.type("C-z")
    tmux.until(lambda text: "Blog" not in text)
    os.kill(dashboard_of(config), signal.SIGCONT)
    tmux.shows(r"STATE.*NAME.*DETAIL")
    tmux.shows(r"● up .*Blog")
