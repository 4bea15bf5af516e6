"""Dataclass fields that are TOML keys."""

from dataclasses import dataclass, fields

import pytest

from monitor.fields import Seconds, key
from monitor.probes import kinds, probe_class


@dataclass(frozen=True, kw_only=True)
class Table:
    needed: Seconds = key("What it is for.", example="5s")
    optional: int = key("What it is for.", default=3)


def test_a_key_carries_its_help_default_and_example() -> None:
    needed, optional = fields(Table)
    assert needed.metadata == {"help": "What it is for.", "example": "5s"}
    assert Table(needed=1.0).optional == 3
    assert optional.metadata["example"] is None


def test_a_key_without_default_has_to_be_given() -> None:
    with pytest.raises(TypeError):
        Table()  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", kinds())
def test_every_key_of_every_kind_has_a_sentence_of_help(kind: str) -> None:
    for field in fields(probe_class(kind)):
        assert field.metadata["help"].endswith("."), field.name
