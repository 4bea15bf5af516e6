"""The lines that an edit changes, as people read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitor.config import load
from monitor.config.editing.change import Change
from monitor.config.editing.hunks import hunks
from monitor.model import Config, Hunk
from monitor.redact import MASK

Write = Callable[..., Path]
FILE = """\
# What we watch.

[[endpoints]]
name = "one"
url = "tcp://one:1"

[[endpoints]]
name = "two"
url = "tcp://two:1"
interval = "1s"
"""


def of(write: Write, after: str) -> tuple[Hunk, ...]:
    config = load(write(FILE))
    return hunks(config, [Change(config.file, FILE.encode(), after.encode())])


def told(found: tuple[Hunk, ...]) -> list[tuple[int, str, tuple[str, ...], tuple[str, ...]]]:
    return [(one.line, one.endpoint, one.removed, one.added) for one in found]


def test_each_place_names_its_endpoint_and_its_line(write: Write):
    after = FILE.replace('tcp://one:1"', 'tcp://one:1"\ngroup = "a"').replace("1s", "2s")
    assert told(of(write, after)) == [
        (6, "one", (), ('group = "a"',)),
        (10, "two", ('interval = "1s"',), ('interval = "2s"',)),
    ]


def test_a_new_endpoint_belongs_to_none_of_those_that_are_there(write: Write):
    new = '\n[[endpoints]]\nurl = "tcp://three:1"\n'
    assert told(of(write, FILE + new)) == [(12, "", (), ("[[endpoints]]", 'url = "tcp://three:1"', ""))]


def test_what_stays_the_same_is_no_difference(write: Write):
    assert of(write, FILE) == ()


def test_a_password_is_masked(write: Write):
    (hunk,) = of(write, FILE.replace("tcp://two:1", "postgres://u:hunter2@two/x"))
    assert hunk.added == (f'url = "postgres://u:{MASK}@two/x"',)


LINES = st.lists(st.sampled_from(["a", "b", "", "[[endpoints]]"]), max_size=30)


@given(before=LINES, after=LINES)
def test_the_differences_applied_to_the_one_give_the_other(before: list[str], after: list[str]):
    change = Change("f", "\n".join(before).encode(), "\n".join(after).encode())
    made = "\n".join(before).split("\n")
    for hunk in reversed(hunks(Config(), [change])):
        at = hunk.line - 1
        assert tuple(made[at : at + len(hunk.removed)]) == hunk.removed
        made[at : at + len(hunk.removed)] = hunk.added
    assert "\n".join(made) == "\n".join(after)
