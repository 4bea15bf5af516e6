"""What every kind of check is made of."""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FieldError
from monitor.probe import BaseProbe, split_url
from monitor.redact import MASK, Secretive
from monitor.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Odd(BaseProbe):
    kind: ClassVar[str] = "odd"
    schemes: ClassVar[tuple[str, ...]] = ("odd",)


def test_the_target_shows_neither_secrets_nor_passwords() -> None:
    url = Secretive("odd://user:pw@host/?t=hunter2", f"odd://user:pw@host/?t={MASK}")
    assert Odd(url=url).target == f"odd://user:{MASK}@host/?t={MASK}"


def test_probes_are_equal_when_they_check_the_same() -> None:
    assert Odd(url="odd://a") == Odd(url="odd://a")
    assert Odd(url="odd://a") != Odd(url="odd://b")


async def test_a_kind_has_to_say_how_it_checks() -> None:
    with pytest.raises(NotImplementedError):
        await Odd(url="odd://a").check(Trace())


@given(st.text(max_size=40))
def test_a_url_is_taken_apart_or_refused(text: str) -> None:
    with suppress(FieldError):
        assert split_url(f"tcp://{text}").scheme == "tcp"


def test_a_url_that_cannot_be_taken_apart_is_told_by_its_key() -> None:
    with pytest.raises(FieldError) as caught:
        split_url("tcp://[::1")
    assert caught.value.key == "url"
