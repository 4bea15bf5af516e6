from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from monitor import probes
from monitor.probe import BaseProbe


@dataclass(frozen=True, kw_only=True)
class Finger(BaseProbe):
    kind: ClassVar[str] = "finger"
    schemes: ClassVar[tuple[str, ...]] = ("finger", "http")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third party's kind, found through an entry point."""
    point = EntryPoint("finger", f"{__name__}:Finger", "monitor.probes")
    monkeypatch.setattr(EntryPoint, "load", lambda _: Finger)
    monkeypatch.setattr(probes, "entry_points", lambda group: [point])
    _forget()
    yield
    _forget()


def _forget() -> None:
    for cached in (probes._plugins, probes.probe_class, probes.schemes):
        cached.cache_clear()


@pytest.mark.usefixtures("plugged")
def test_a_third_party_can_add_a_kind():
    assert probes.kinds()[-1] == "finger"
    assert probes.probe_class("finger") is Finger
    assert probes.schemes()["finger"] == "finger"


@pytest.mark.usefixtures("plugged")
def test_a_third_party_cannot_replace_what_is_built_in():
    assert probes.schemes()["http"] == "http"


def test_a_kind_that_nobody_has_is_a_key_error():
    with pytest.raises(KeyError):
        probes.probe_class("telepathy")
