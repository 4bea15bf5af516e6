"""Headless Chromium, driven over its DevTools protocol: how a page looks and what it asks for."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

# Without these, it asks its maker's servers for updates, and root may not start it.
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)

LOOKS = [(390, False), (390, True), (1440, False), (1440, True)]
"""A phone and a wide screen: the width in pixels, and whether it is dark."""
BLANK = ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)")
"""Backgrounds that are white on paper."""
DARK = {"name": "prefers-color-scheme", "value": "dark"}
LIGHT = {"name": "prefers-color-scheme", "value": "light"}

UNREADABLE = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = color => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = color => {
    const [r, g, b] = [...rgba(color)].slice(0, 3).map(one => one / 255)
      .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgba(color)[3]) return color;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18, 18, 18)' : 'white';
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim(), element = texts.currentNode.parentElement;
    if (!text || !element.checkVisibility() || ['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  return found;
})()
"""
"""The texts whose contrast is below 4.5, the least that WCAG 2 allows (level AA)."""


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._count = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        self._connection.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while (answer := self._next()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        return json.loads(self._connection.recv(timeout=20))

    def look(self, width: int, *, dark: bool, scripts: bool = True) -> None:
        """Show what is opened next as on a screen ``width`` pixels wide."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.command("Emulation.setEmulatedMedia", media="", features=[DARK if dark else LIGHT])
        self.command("Emulation.setScriptExecutionDisabled", value=not scripts)

    def print_preview(self) -> None:
        """Show the page as on paper, on a dark screen."""
        self.command("Emulation.setEmulatedMedia", media="print", features=[DARK])

    def open(self, url: str) -> None:
        """Open ``url`` and wait until it is loaded."""
        self.events.clear()
        self.command("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true; the test's own time limit ends a vain wait."""
        while not self.value(f"Boolean({expression})"):
            time.sleep(0.02)

    @property
    def overflow(self) -> int:
        """Pixels by which the page is wider than the screen."""
        return self.value("document.documentElement.scrollWidth - innerWidth")

    @property
    def background(self) -> str:
        return self.value("getComputedStyle(document.body).backgroundColor")

    @property
    def unreadable(self) -> list[str]:
        return self.value(UNREADABLE)

    @property
    def requested(self) -> set[str]:
        """The URLs that the page asked for."""
        asked = (event for event in self.events if event["method"] == "Network.requestWillBeSent")
        return {event["params"]["request"]["url"] for event in asked}

    @property
    def complaints(self) -> list[str]:
        """The console's errors: scripts that fail, and whatever the page's policy forbids."""
        logged = (event["params"] for event in self.events if event["method"] == "Log.entryAdded")
        thrown = (event["params"] for event in self.events if event["method"] == "Runtime.exceptionThrown")
        return [one["entry"]["text"] for one in logged] + [one["exceptionDetails"]["text"] for one in thrown]

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.command("Page.printToPDF")["data"])

    def picture(self, file: Path) -> None:
        """Save a picture of the whole page, to be looked at."""
        answer = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(answer["data"]))


@contextmanager
def chromium(program: str, folder: Path) -> Iterator[Page]:
    """A tab of a browser whose profile is in ``folder``."""
    with subprocess.Popen(
        [program, *_OPTIONS, f"--user-data-dir={folder}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            made = httpx.put(f"http://127.0.0.1:{_port(folder)}/json/new?about:blank", timeout=20)
            with connect(made.json()["webSocketDebuggerUrl"], max_size=None, compression=None) as connection:
                yield Page(connection)
        finally:
            process.kill()


def _port(folder: Path) -> str:
    file, end = folder / "DevToolsActivePort", time.monotonic() + 30
    while not file.exists() or "\n" not in file.read_text():
        assert time.monotonic() < end, "Chromium does not start"
        time.sleep(0.02)
    return file.read_text().splitlines()[0]
