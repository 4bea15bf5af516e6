"""Answers about very many endpoints: states at a moment, and certificates."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual import BEGINNING, MIDNIGHT, Script, endpoint, until, virtual, watching

from monitor.engine import queries
from monitor.engine.queries import NOT_KNOWN, PAGE, certificates, newest, page, presented
from monitor.link.messages import GetStatesAt
from monitor.model import Certificate, Explanation, Hop, Maintenance, Reason, Result, State, Status

START = MIDNIGHT + BEGINNING
"""The beginning, in seconds since the epoch."""


def states_at(running, second, samples, **which):
    return running.engine.states_at(GetStatesAt(moment=START + second, **which), samples)


def told(running, second, samples=5):
    return {row.handle: row for row in states_at(running, second, samples).statuses}


@virtual
async def test_an_outage_is_told_as_it_was_seen_then():
    async with watching(Script(a="uuu" + "d" * 20 + "u"), endpoint("a"), endpoint("b")) as running:
        seen = []
        for second in range(5, 120, 5):
            await until(second)
            row = running.row("a")
            seen.append((second, row.state, row.since, row.latency_ms, row.checked_at))
        assert {state for _, state, *_ in seen} >= {State.UP, State.FAILING, State.DOWN}
        for second, *was in seen:
            row = told(running, second)[0]
            assert [row.state, row.since, row.latency_ms, row.checked_at] == was
        outage = next(second for second, state, *_ in seen if state is State.DOWN)
        row = told(running, outage)[0]
        assert (row.reason, row.message) == (Reason.CONNECTION_REFUSED, "connection refused")
        assert row.outcomes.endswith("ddd")
        assert len(told(running, outage, samples=2)[0].outcomes) == 2


@pytest.mark.parametrize("moment", [-1e9, -1.0, -math.inf])
@virtual
async def test_of_before_it_was_watched_nothing_is_known(moment):
    async with watching(Script(), endpoint("a")) as running:
        await until(30)
        row = told(running, moment)[0]
        assert (row.state, row.message, row.outcomes) == (State.PENDING, NOT_KNOWN, "")


@virtual
async def test_what_is_still_to_come_is_the_present():
    async with watching(Script(a="d"), endpoint("a")) as running:
        await until(60)
        assert told(running, math.inf)[0].state is State.DOWN


@virtual
async def test_a_pause_was_a_pause():
    async with watching(Script(), endpoint("a")) as running:
        await until(30)
        running.engine.pause([0])
        await until(60)
        running.engine.resume([0])
        await until(90)
        assert [told(running, second)[0].state for second in (25, 45, 85)] == [
            State.UP,
            State.PAUSED,
            State.UP,
        ]


@virtual
async def test_many_are_told_in_parts():
    names = [f"ep {number}" for number in range(PAGE + 3)]
    async with watching(Script(), *map(endpoint, names)) as running:
        await until(5)
        first = states_at(running, 4, 1)
        assert first.after == PAGE - 1
        rest = states_at(running, 4, 1, after=first.after)
        assert (len(rest.statuses), rest.after) == (3, None)


@virtual
async def test_a_few_endpoints_can_be_chosen():
    async with watching(Script(), *map(endpoint, "abc")) as running:
        await until(5)
        chosen = states_at(running, 4, 1, handles=(2, 0, 99))
        assert [(one.handle, one.outcomes) for one in chosen.statuses] == [(2, "u"), (0, "u")]
        assert chosen.after is None
        assert len(states_at(running, 4, 1, handles=(0,) * (PAGE + 5)).statuses) == PAGE


# ── certificates ────────────────────────────────────────────────────────────────────────────────

ISSUER = Certificate(subject="CN=CA", issuer="CN=Root", not_before=0.0, not_after=50.0, fingerprint="ca")
LEAF = Certificate(
    subject="CN=shop", issuer="CN=CA", not_before=1.0, not_after=90.0, names=("shop", "www"), fingerprint="a"
)


def result(*certificates: Certificate, at: float = 1.0) -> Result:
    """A check whose hops showed ``certificates``."""
    hops = tuple(Hop(asked="", answered="", certificate=one) for one in certificates)
    return Result(
        endpoint="a",
        status=Status.UP,
        reason=None,
        message="",
        checked_at=at,
        certificate=certificates[-1] if certificates else None,
        explanation=Explanation(hops=hops),
    )


def watched(last: Result | None = None, good: Result | None = None, failure: Result | None = None) -> Any:
    return SimpleNamespace(last=last, last_good=good, last_failure=failure)


def shown(one: Any) -> Any:
    return certificates({3: one}, -1).certificates


OTHER = replace(LEAF, fingerprint="b")
SEEN = [
    (watched(), ()),
    (watched(result(LEAF)), (LEAF,)),
    (watched(result(OTHER, LEAF)), (OTHER, LEAF)),
    (watched(result(at=9.0), good=result(LEAF, at=5.0), failure=result(OTHER, at=7.0)), (OTHER,)),
    (watched(result(at=9.0), good=result(LEAF, at=5.0), failure=result(at=7.0)), (LEAF,)),
]


@pytest.mark.parametrize(("one", "expected"), SEEN)
def test_the_last_check_that_saw_any_counts(one: Any, expected: Any) -> None:
    assert newest(one) == expected
    assert [found.fingerprint for found in shown(one)] == [found.fingerprint for found in expected]


def test_the_end_of_the_whole_chain_counts_and_whose_it_is() -> None:
    (alone,) = shown(watched(result(LEAF)))
    assert (alone.handle, alone.expires, alone.ends_first) == (3, 90.0, "")
    (chained,) = shown(watched(result(replace(LEAF, issuers=(ISSUER,)))))
    assert (chained.expires, chained.ends_first) == (50.0, "CN=CA")


def test_of_very_many_names_some_are_shown() -> None:
    (one,) = shown(watched(result(replace(LEAF, names=tuple(map(str, range(100)))))))
    assert (len(one.names), one.more_names) == (20, 80)


def test_very_many_are_told_page_by_page() -> None:
    many = {handle: watched(result(LEAF)) for handle in reversed(range(PAGE + 5))}
    first = certificates(many, -1)
    assert [one.handle for one in first.certificates] == list(range(PAGE))
    assert first.after == PAGE - 1
    rest = certificates(many, first.after)
    assert [one.handle for one in rest.certificates] == list(range(PAGE, PAGE + 5))
    assert rest.after is None


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


def test_few_come_at_once():
    assert page([3, 1, 2], -1) == ([1, 2, 3], None)
    assert page([3, 1, 2], 2) == ([3], None)
    assert page([], -1) == ([], None)


@given(st.sets(st.integers(0, 10_000), max_size=4 * PAGE))
def test_all_come_once_and_in_order(handles):
    got, after = [], -1
    while after is not None:
        part, after = page(handles, after)
        got += part
    assert got == sorted(handles)


@pytest.mark.parametrize(("after", "expected"), [(-1, ([1, 2], 2)), (2, ([3, 4], 4)), (4, ([], None))])
def test_a_full_part_may_have_more_behind_it(monkeypatch, after, expected):
    monkeypatch.setattr(queries, "PAGE", 2)
    assert page([1, 2, 3, 4], after) == expected


def test_a_maintenance_window_is_active_or_planned():
    midnight = MIDNIGHT - MIDNIGHT % 86400
    daily = Maintenance(name="daily", cron="0 0 * * *", duration=3600.0, timezone="UTC")
    once = Maintenance(name="once", start=midnight + 900, duration=60.0)
    for seconds, expected in (
        (600.0, [(midnight, midnight + 86400), (None, midnight + 900)]),
        (930.0, [(midnight, midnight + 86400), (midnight + 900, None)]),
        (7200.0, [(None, midnight + 86400), (None, None)]),
    ):
        windows = queries.maintenance([daily, once], midnight + seconds).windows
        assert [(one.began, one.next) for one in windows] == expected
        assert [one.schedule for one in windows] == ["0 0 * * * (UTC)", "once"]


def test_an_endpoint_presents_the_certificate_of_its_last_hop():
    one = watched(last=result(ISSUER, LEAF))
    one.handle = 3
    assert presented(one) == shown(one)[-1]
    one.last = None
    assert presented(one) is None
