"""The status page in a real browser: on a phone and a wide screen, light and dark, without scripts, live."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from browser import BLANK, LOOKS, Page
from monitor_command import monitor
from servers import free_port

LONG = "a-name-without-a-single-blank-" * 6

CONFIG = f"""
[monitor]
history = "h.db"
socket = "s"
listen = "127.0.0.1:PORT"
[defaults]
interval = "200ms"
down_after = 1
up_after = 1
[[endpoints]]
name = "Shop"
url = "tcp://127.0.0.1:SHOP"
group = "shop"
[[endpoints]]
name = "{LONG}"
id = "long"
url = "tcp://127.0.0.1:1"
group = "<i>{LONG}"
[[endpoints]]
name = "Slow"
url = "tcp://127.0.0.1:SHOP"
warn.latency = 0.000001
[[endpoints]]
name = "Off"
url = "tcp://127.0.0.1:2"
enabled = false
"""


class Watched:
    """A daemon with a status page, and a server that it checks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.place = socket.socket()  # keeps the port, so that no other test's server gets it
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.shop = socket.create_server(self.place.getsockname())

    def is_(self, id: str, state: str) -> bool:
        try:
            return httpx.get(f"{self.url}api/v1/endpoints/{id}", timeout=10).json()["state"] == state
        except (httpx.TransportError, KeyError):
            return False


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    port = free_port()
    watched = Watched(f"http://127.0.0.1:{port}/")
    config = CONFIG.replace("PORT", str(port)).replace("SHOP", str(watched.shop.getsockname()[1]))
    (tmp_path / "m.toml").write_text(config)
    command = monitor("daemon", "-c", str(tmp_path / "m.toml"))
    with watched.place, watched.shop, subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not all(map(watched.is_, ("shop", "slow", "long"), ("up", "degraded", "down"))):
            assert process.poll() is None
        yield watched
        process.terminate()


def test_it_fits_every_screen_and_can_be_read(tab: Page, watched: Watched, tmp_path: Path):
    for width, dark in LOOKS:
        tab.look(width, dark=dark)
        tab.open(watched.url)
        tab.picture(tmp_path / f"{width}-{'dark' if dark else 'light'}.png")
        assert (tab.overflow, tab.unreadable, tab.complaints) == (0, [], [])
        assert {httpx.URL(url).netloc for url in tab.requested} == {httpx.URL(watched.url).netloc}


def test_without_scripts_it_says_the_same(tab: Page, watched: Watched):
    texts, headings = [], "[...document.querySelectorAll('h1, h2, strong')].map(one => one.innerText)"
    for scripts in (True, False):
        tab.look(390, dark=False, scripts=scripts)
        tab.open(watched.url)
        texts.append(tab.value(headings))
    assert texts[0] == texts[1]
    assert "1 down" in texts[0][0]


def test_a_change_of_state_appears_by_itself(tab: Page, watched: Watched):
    tab.look(1440, dark=False)
    tab.open(watched.url)
    assert tab.value("document.querySelector('h1').innerText") == "1 down"
    watched.shop.close()
    tab.until("document.querySelector('h1').innerText == '3 down'")
    assert tab.complaints == []


def test_a_change_before_the_stream_of_events_opens_appears_too(tab: Page, watched: Watched):
    tab.look(1440, dark=False)
    tab.command("Network.setBlockedURLs", urls=["*/api/v1/events"])
    tab.open(watched.url)
    watched.shop.close()
    while not watched.is_("shop", "down") or not watched.is_("slow", "down"):
        pass
    assert tab.value("document.querySelector('h1').innerText") == "1 down"
    tab.command("Network.setBlockedURLs", urls=[])
    tab.until("document.querySelector('h1').innerText == '3 down'")


def test_it_prints_dark_text_on_white(tab: Page, watched: Watched):
    tab.look(1440, dark=True)
    tab.open(watched.url)
    tab.print_preview()
    assert tab.background in BLANK
    assert tab.unreadable == []
    assert tab.pdf().startswith(b"%PDF")
