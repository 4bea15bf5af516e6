"""What `monitor init` writes."""

from collections.abc import Callable

from monitor.config import starter
from monitor.model import Config


def test_the_starter_loads_as_it_stands(loaded: Callable[[str], Config]) -> None:
    config = loaded(starter())
    assert {one.kind for one in config.endpoints} >= {"http", "tcp", "dns", "icmp"}


def test_every_section_is_explained() -> None:
    lines = starter().splitlines()
    headers = [at for at, line in enumerate(lines) if line in ("[defaults]", "[[endpoints]]")]
    assert len(headers) == 5
    assert all(lines[at - 1].startswith("# ") for at in headers)
