"""The [[maintenance]] tables."""

from collections.abc import Callable

import pytest

from monitor.model import Config, Maintenance

Loaded = Callable[[str], Config]
Problems = Callable[[str], list[str]]


def test_windows_are_read(loaded: Loaded) -> None:
    text = """
    [[maintenance]]
    name = "Sunday patches"
    select = ["tag:eu"]
    cron = "0 3 * * sun"
    duration = "2h"
    timezone = "Europe/Berlin"
    [[maintenance]]
    start = 2026-02-01T03:00:00Z
    duration = 60
    """
    assert loaded(text).maintenance == (
        Maintenance(
            name="Sunday patches",
            select=("tag:eu",),
            cron="0 3 * * sun",
            duration=7200.0,
            timezone="Europe/Berlin",
        ),
        Maintenance(name="maintenance 2", start=1769914800.0, duration=60.0),
    )


@pytest.mark.parametrize(
    "start",
    ["2026-02-01T04:00:00+01:00", "2026-02-01T04:00:00", '"2026-02-01T04:00:00"', '"2026-02-01T03:00:00Z"'],
)
def test_a_start_without_an_offset_is_in_the_windows_zone(loaded: Loaded, start: str) -> None:
    text = f'[[maintenance]]\nstart = {start}\nduration = 60\ntimezone = "Europe/Berlin"'
    assert loaded(text).maintenance[0].start == 1769914800.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('cron = "* * * * *"', "1: maintenance[0]: lacks duration"),
        ("duration = 60", "1: maintenance[0]: needs either cron or start"),
        (
            'duration = 60\ncron = "* * * * *"\nstart = 2026-01-01T00:00:00Z',
            "1: maintenance[0]: has both cron and start",
        ),
        ('duration = 60\ncron = "0 25 * * *"', "3: maintenance[0].cron: is no cron expression: bad hour"),
        ('duration = 0\ncron = "* * * * *"', "2: maintenance[0].duration: must be more than 0"),
        ("duration = 60\nstart = 2026-01-01", "3: maintenance[0].start: is a date or time (2026-01-01); it"),
        ('duration = 60\nstart = "soon"', '3: maintenance[0].start: is the string "soon"; it must be'),
        (
            'duration = 60\ncron = "* * * * *"\ntimezone = "Berlin"',
            "4: maintenance[0].timezone: 'Berlin' is no time zone",
        ),
        ('duration = 60\ncron = "* * * * *"\nselect = ["grup:x"]', "4: maintenance[0].select[0]: 'grup:x'"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(problems: Problems, text: str, said: str) -> None:
    assert problems(f"[[maintenance]]\n{text}")[0].startswith(said)


def test_a_secret_in_the_name_of_a_window_is_masked(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "zebra-77")
    text = '[[maintenance]]\nname = "of ${TEAM}"\nselect = ["*"]\ncron = "0 3 * * *"\nduration = 60'
    assert loaded(text).maintenance[0].name == "of •••"
