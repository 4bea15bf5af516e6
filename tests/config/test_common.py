"""The keys that every endpoint has."""

from collections.abc import Callable
from dataclasses import fields

import pytest

from monitor.config.common import Common
from monitor.model import Endpoint


def test_every_common_key_is_one_of_an_endpoint() -> None:
    assert {field.name for field in fields(Common)} <= {field.name for field in fields(Endpoint)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("interval = 0", "must be 100ms or more"),
        ('interval = "50ms"', "must be 100ms or more"),
        ('timeout = "0s"', "must be more than 0"),
        ("retry_interval = 0", "must be 100ms or more"),
        ("down_after = 0", "must be 1 or more"),
        ("up_after = -1", "must be 1 or more"),
        ("slo = 100", "must be more than 0 and less than 100, as in 99.9"),
        ("slo = 0", "must be more than 0 and less than 100, as in 99.9"),
    ],
)
def test_what_would_make_no_sense_is_refused(
    problems: Callable[[str], list[str]], line: str, said: str
) -> None:
    key = line.partition(" ")[0]
    assert problems(f'[[endpoints]]\nurl = "tcp://a:1"\n{line}\n') == [f"3: endpoints[0].{key}: {said}"]
