"""The dashboard without a screen."""

import asyncio
import io

import pytest
from fake_source import NOW, PROBLEMS, failed, mixed, row

from monitor.errors import LinkError
from monitor.link.messages import Changes
from monitor.tui.data.board import Board
from monitor.tui.lists.query import Query, parse
from monitor.tui.plain import Transitions, watch


def transitions(words=""):
    board = Board(clock=lambda: NOW)
    board.reset(mixed().snapshot)
    return board, Transitions(board, parse(words))


def test_the_first_lines_tell_what_is_known():
    _, told = transitions()
    lines = list(told.lines())
    assert "2027-01-15T07:50:00Z down api-eu: connection refused" in lines
    assert len(lines) == 6  # one endpoint is pending


def test_only_what_the_filter_selects_is_reported():
    _, told = transitions("api-eu")
    assert [line.split()[2] for line in told.lines()] == ["api-eu:"]


def test_only_a_change_of_state_is_reported():
    board, told = transitions()
    list(told.lines())
    board.apply(Changes(now=NOW, statuses=(row(0, latency_ms=99.0), failed(3))))
    assert [line.split()[1] for line in told.lines()] == ["down"]
    assert list(told.lines()) == []


def test_what_is_wrong_with_the_config_is_told_when_it_changes():
    board, told = transitions()
    list(told.lines())
    board.apply(Changes(now=NOW, problems=PROBLEMS))
    assert list(told.lines()) == [
        "2027-01-15T08:00:00Z config /etc/monitor.toml:12: endpoints[2].interval: is no duration"
    ]
    assert list(told.lines()) == []
    board.apply(Changes(now=NOW, problems=()))
    assert list(told.lines()) == ["2027-01-15T08:00:00Z config in force again"]


async def test_an_engine_that_has_gone_ends_it_and_is_let_go():
    source = mixed()
    out = io.StringIO()

    async def leave():
        await source.pulled.wait()
        source.gone = "gone"

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leave())
        with pytest.raises(LinkError, match="gone"):
            await watch(source, out, Query())
    assert source.closed
    assert "api-eu" in out.getvalue()
