"""The config of `monitor demo`: ``demo.toml`` beside this file, with the servers' addresses filled in."""

from __future__ import annotations

import re
from importlib.resources import files

from monitor.demo.zoo import Zoo

_PLACE = re.compile(r"\{([a-z0-9.-]+)\}")


def demo_config(zoo: Zoo) -> str:
    """The TOML text. KeyError when the file names a server that does not exist."""
    template = files("monitor.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    places = {**zoo.addresses, "ca": zoo.ca}
    return _PLACE.sub(lambda place: places[place[1]], template)
