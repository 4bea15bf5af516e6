"""From TOML values to what fields are annotated with."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from monitor.config.convert import INVALID, Place, converter, nearest, unknown
from monitor.config.document import Document
from monitor.errors import FieldError
from monitor.fields import FilePath, Json, Seconds, Size, key
from monitor.redact import MASK, Secretive


@dataclass(frozen=True, kw_only=True)
class Inner:
    name: str = key("Its name.")
    many: int = key("How many.", default=1)

    def __post_init__(self) -> None:
        if self.many > 9:
            raise FieldError("many", "is too many")


def convert(annotation: Any, value: Any, folder: Path = Path("/nowhere")) -> tuple[Any, list[str]]:
    document = Document(folder / "m.toml", "", {})
    converted = converter(annotation)(value, Place(document, ("key",)))
    return converted, [f"{one.key}: {one.text}" for one in document.problems]


@pytest.mark.parametrize(
    ("annotation", "value", "converted"),
    [
        (str, "a", "a"),
        (int, 3, 3),
        (int, Secretive("3", MASK), 3),
        (float, 3, 3.0),
        (float, Secretive("99.9", MASK), 99.9),
        (bool, True, True),
        (bool, Secretive("false", MASK), False),
        (Seconds, "1h30m", 5400.0),
        (Seconds, 5, 5.0),
        (Size, "1MiB", 1 << 20),
        (str | None, "a", "a"),
        (Literal["auto", 4, 6], 4, 4),
        (tuple[str, ...], "one", ("one",)),
        (tuple[str, ...], ["one", "two"], ("one", "two")),
        (Mapping[str, str], {"a": "b"}, {"a": "b"}),
        (Json, {"a": [1, True]}, {"a": [1, True]}),
        (Inner, {"name": "x"}, Inner(name="x")),
    ],
)
def test_what_fits_is_converted(annotation: Any, value: Any, converted: Any) -> None:
    assert convert(annotation, value) == (converted, [])


@pytest.mark.parametrize(
    ("annotation", "value", "said"),
    [
        (str, 3, "key: is the number 3; it must be a string, in quotes"),
        (int, "3", 'key: is the string "3"; it must be a whole number, without quotes'),
        (int, True, "key: is true; it must be a whole number, without quotes"),
        (int, 3.5, "key: is the number 3.5; it must be a whole number, without quotes"),
        (int, 10**30, "key: must be 1000000000 or less"),
        (int, Secretive("9" * 12, MASK), "key: must be 1000000000 or less"),
        (float, 10**400, "key: must be 1000000000 or less"),
        (float, math.nan, "key: must be 1000000000 or less"),
        (float, -math.inf, "key: must be 1000000000 or less"),
        (float, Secretive("1e5", MASK), 'key: is the string "•••"; it must be a number, without quotes'),
        (bool, "yes", 'key: is the string "yes"; it must be true or false, without quotes'),
        (Seconds, True, 'key: is true; it must be a duration such as "30s", or a number of seconds'),
        (
            Seconds,
            Secretive("hunter2", MASK),
            'key: must be a duration such as "30s", or a number of seconds',
        ),
        (
            Literal["auto", 4],
            "auot",
            'key: is the string "auot"; it must be one of "auto", 4 (did you mean "auto"?)',
        ),
        (
            Literal["auto", 4],
            "4",
            'key: is the string "4"; it must be one of "auto", 4 (did you mean 4?)',
        ),
        (
            Literal["1.1", "2"],
            1.1,
            'key: is the number 1.1; it must be one of "1.1", "2" (did you mean "1.1"?)',
        ),
        (tuple[str, ...], 3, "key: is the number 3; it must be an array, as in [ … ]"),
        (tuple[str, ...], ["a", 3], "key[1]: is the number 3; it must be a string, in quotes"),
        (Mapping[str, str], ["a"], "key: is an array; it must be a table, as in { key = value }"),
        (Inner, {}, "key: lacks name: its name"),
        (Inner, {"name": "x", "mnay": 3}, 'key.mnay: is no key here; did you mean "many"?'),
        (Inner, {"name": "x", "many": 10}, "key.many: is too many"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(annotation: Any, value: Any, said: str) -> None:
    assert convert(annotation, value) == (INVALID, [said])


def test_every_wrong_item_is_reported() -> None:
    assert len(convert(tuple[str, ...], [1, "a", 2])[1]) == 2


def test_a_file_is_relative_to_the_config_and_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    assert convert(FilePath, "ca.pem", tmp_path) == (str(tmp_path / "ca.pem"), [])
    converted, said = convert(FilePath, "missing.pem", tmp_path)
    assert converted is INVALID
    assert "there is no such file" in said[0]


@pytest.mark.parametrize(
    ("word", "meant"), [("Retry-Interval", "retry_interval"), ("intervall", "interval"), ("zzz", None)]
)
def test_a_near_miss_is_recognised(word: str, meant: str | None) -> None:
    assert nearest(word, ["interval", "retry_interval", "timeout"]) == meant


def test_without_a_near_miss_what_there_is_is_listed() -> None:
    assert unknown("zzz", ["b", "a"]) == "is no key here; there are a, b"
