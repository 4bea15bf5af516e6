"""The whole zoo in a process of its own: ``python -m monitor.demo.serve``.

Prints one line of JSON when everything listens, and ends when its standard input does, or on
SIGTERM; so it cannot outlive whoever started it. Its folder goes with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from monitor.demo.zoo import Zoo, open_zoo

CONFIG = "demo.toml"
_STDIN = 0
_PLACE = re.compile(r"\{([a-z0-9.-]+)\}")


async def run(folder: Path) -> None:
    """Serve until standard input ends; certificates and the demo's config go to ``folder``."""
    ended = _end_of_input()
    async with open_zoo(folder) as zoo:
        config = folder / CONFIG
        config.write_text(demo_config(zoo), encoding="utf-8")
        print(json.dumps({**asdict(zoo), "config": str(config)}), flush=True)
        await ended.wait()


def demo_config(zoo: Zoo) -> str:
    """``demo.toml`` with the servers' addresses filled in. KeyError for a server that does not exist."""
    template = files("monitor.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    places = {**zoo.addresses, "ca": zoo.ca}
    return _PLACE.sub(lambda place: places[place[1]], template)


def _end_of_input() -> asyncio.Event:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        while os.read(_STDIN, 4096):
            pass
        loop.call_soon_threadsafe(ended.set)

    loop.add_signal_handler(signal.SIGTERM, ended.set)
    Thread(target=read, daemon=True).start()  # a thread, as an event loop cannot wait for every kind of file
    return ended


def main() -> None:
    with TemporaryDirectory(prefix="monitor-demo-") as folder:
        asyncio.run(run(Path(folder)))


if __name__ == "__main__":
    main()
