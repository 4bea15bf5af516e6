"""Why there is nothing to list."""

import pytest
from fake_source import NOW, FakeSource, info, row
from msgspec.structs import replace

from monitor.model import State
from monitor.syntax.keymap import KEYS
from monitor.tui.data.board import Board
from monitor.tui.data.moments import clock
from monitor.tui.lists import empty_states
from monitor.tui.lists.arrangement import Arrangement
from monitor.tui.lists.query import parse


def key(name):
    return KEYS[name][0]


def board(*states, file="/etc/monitor.toml"):
    board = Board(clock=lambda: NOW)
    source = FakeSource(
        [info(n) for n in range(len(states))], [row(n, state) for n, state in enumerate(states)]
    )
    board.reset(replace(source.snapshot, config_file=file))
    return board


def of_table(board, words="", *, problems_only=False):
    return empty_states.of_table(Arrangement(parse(words), problems_only), board, key)


def test_before_the_engine_has_said_anything_it_is_waited_for():
    assert of_table(Board()).why == "waiting for the engine …"


def test_where_nothing_is_watched_it_is_told_how_to_begin():
    told = of_table(board())
    assert told.why == "nothing is watched yet: there is no endpoint in monitor.toml"
    assert [shown for shown, _ in told.keys] == ["n", "e"]
    assert not of_table(board(file="")).keys


@pytest.mark.parametrize(
    ("words", "problems_only", "why"),
    [
        ("zzz", False, "no endpoint fits zzz"),
        ("zzz", True, "no endpoint in trouble fits zzz"),
        ("g:\x1b[2J", False, "no endpoint fits g:␛[2J"),
    ],
)
def test_a_filter_that_nothing_fits_is_named(words, problems_only, why):
    told = of_table(board(State.UP), words, problems_only=problems_only)
    assert told.why == why
    assert not told.good
    assert dict(told.keys)["escape"] == "show all"


@pytest.mark.parametrize(
    ("states", "why", "good"),
    [
        ((State.UP, State.UP, State.PAUSED), "nothing is wrong: 2 up, 1 paused", True),
        ((State.PENDING,), "nothing is wrong: 1 pending", False),
    ],
)
def test_no_problems_are_good_news_once_anything_is_up(states, why, good):
    told = of_table(board(*states), problems_only=True)
    assert (told.why, told.good) == (why, good)


def test_no_incidents_are_good_news():
    told = empty_states.of_incidents(board(), key, filtered=False)
    assert told.why == f"no incident since {clock(NOW)}, when watching began"
    assert told.good


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (empty_states.of_incidents(board(), key, filtered=True), "no incident fits"),
        (empty_states.of_log(board(), key, filtered=True), "no line fits"),
        (empty_states.of_log(board(), key, filtered=False), "nothing has happened yet"),
        (empty_states.of_certificates(key, asked=True, wrong="", filtered=True), "no certificate fits"),
        (
            empty_states.of_certificates(key, asked=True, wrong="", filtered=False),
            "no endpoint presents a certificate",
        ),
        (
            empty_states.of_certificates(key, asked=False, wrong="too busy", filtered=False),
            "no certificates: too busy",
        ),
    ],
)
def test_every_list_says_why_it_is_empty(told, why):
    assert told.why == why
    assert bool(told.keys) is why.endswith("fits")


@pytest.mark.parametrize(
    "told",
    [
        empty_states.of_incidents(Board(), key, filtered=False),
        empty_states.of_log(Board(), key, filtered=False),
        empty_states.of_certificates(key, asked=False, wrong="", filtered=False),
    ],
)
def test_nothing_is_claimed_before_the_engine_has_answered(told):
    assert not told.why
