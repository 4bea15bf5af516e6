"""Random pasts, played through the tracker into a file: each figure of a report against a naive count."""

from __future__ import annotations

import math
import random
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual import config, endpoint

from monitor.config import diff
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import Uptimes
from monitor.judge.reporting import Period
from monitor.model import Reason, Result, Retention, Status
from monitor.model.report import Entry
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.reader import Reader
from monitor.store.recording import Recording, milliseconds
from monitor.store.reports import report_of
from monitor.store.rolling import Rolling
from monitor.syntax.selection import compile_selection

START = 1_799_971_200.0
"""A midnight, UTC."""
EVERY = 600.0
PATIENCE = 2 * EVERY + 10
ENDPOINT = endpoint("a", interval=EVERY, timeout=10.0, down_after=2, up_after=2, slo=99.0)
HOUR = 3600.0

STATUSES = [Status.UP, Status.DOWN, Status.DEGRADED, Status.INCONCLUSIVE]
PAUSES = [EVERY, EVERY / 10, 2 * EVERY, 3 * EVERY, 5 * HOUR]
Step = tuple[Status, float, float]
"""A result's status, its latency, and the time to the next check."""


def steps(seed: int) -> list[Step]:
    """A hundred or two, mostly as they are in practice; hypothesis prefers pasts of one or two."""
    chosen = random.Random(seed)
    return [
        (
            chosen.choices(STATUSES, [6, 4, 1, 1])[0],
            chosen.lognormvariate(4, 1),
            chosen.choices(PAUSES, [20, 1, 1, 1, 0.5])[0],
        )
        for _ in range(chosen.randint(50, 200))
    ]


def played(taken: list[Step]) -> list[Result]:
    results, at = [], START
    for status, latency, pause in taken:
        failed = status is Status.DOWN
        results.append(
            Result(
                endpoint="a",
                status=status,
                reason=Reason.READ_TIMEOUT if failed else None,
                message="",
                checked_at=at,
                latency_ms=None if failed or status is Status.INCONCLUSIVE else round(latency, 2),
            )
        )
        at += pause
    return results


def write(path: Path, results: list[Result]) -> None:
    """Play ``results`` into a new file, and roll up every hour but the last."""
    database, tracker, uptimes = connect(path), Tracker(), Uptimes()
    recording, whole = Recording(database), config(ENDPOINT)
    events = tracker.apply(whole, diff(config(), whole), START)
    (handle,) = tracker.endpoints
    for result in results:
        events += tracker.accept(handle, result, result.checked_at)
    for event in events:
        uptimes.accept(event)
    database.execute("BEGIN")
    recording.write(Batch(events=events, edges={"a": (0.0, uptimes.availability("a").edges())}))
    database.execute("COMMIT")
    while Rolling(database, Retention()).step(milliseconds(results[-1].checked_at), 5):
        pass
    database.close()


# ── the naive count ─────────────────────────────────────────────────────────────────────────────


@dataclass
class Outage:
    began: float
    ended: float = math.inf


def outages(results: list[Result]) -> list[Outage]:
    """From the first of two failures in a row to the first of two passes in a row; gaps count as neither."""
    conclusive = [one for one in results if one.status is not Status.INCONCLUSIVE]
    found: list[Outage] = []
    for one, two in pairwise(conclusive):
        failed = [each.status is Status.DOWN for each in (one, two)]
        is_open = bool(found) and found[-1].ended == math.inf
        if all(failed) and not is_open:
            found.append(Outage(one.checked_at))
        elif not any(failed) and is_open:
            found[-1].ended = one.checked_at
    return found


def seconds(results: list[Result], since: float, until: float) -> dict[str, float]:
    """Known, down and unknown seconds of a window, piece by piece between checks."""
    totals = {"known_s": 0.0, "down_s": 0.0, "unknown_s": 0.0}
    broken = outages(results)
    ends = [one.checked_at for one in results[1:]] + [math.inf]
    totals["unknown_s"] += max(min(results[0].checked_at, until) - since, 0.0)
    for result, end in zip(results, ends, strict=True):
        waits = (until if end == math.inf else end) - result.checked_at
        length = max(min(end, until) - max(result.checked_at, since), 0.0)
        if waits > PATIENCE or result.status is Status.INCONCLUSIVE:
            totals["unknown_s"] += length
            continue
        totals["known_s"] += length
        if any(one.began <= result.checked_at < one.ended for one in broken):
            totals["down_s"] += length
    return totals


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


# ── both ────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 1 << 32), st.floats(0, 1), st.integers(1, 30))
@settings(max_examples=40)
def test_each_figure_is_that_of_a_count_over_the_results(seed: int, first: float, hours: int):
    results = played(steps(seed))
    lasting = results[-1].checked_at - START
    since = START + int(first * lasting / HOUR) * HOUR
    until = since + hours * HOUR
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.db"
        write(path, results)
        with Reader(path) as reader:
            report = report_of(reader, Period(since=since, until=until, now=until), compile_selection(()))
    (entry,) = report.entries
    inside = [one for one in results if since <= one.checked_at < until]
    assert entry.checks == len(inside)
    assert entry.failed == sum(one.status is Status.DOWN for one in inside)
    _compare_time(entry, seconds(results, since, until))
    _compare_latencies(entry, [one.latency_ms for one in inside if one.latency_ms is not None])
    overlapping = [one for one in outages(results) if one.began < until and one.ended > since]
    assert [one.began for one in report.incidents] == pytest.approx([one.began for one in overlapping])
    assert [one.ended or math.inf for one in report.incidents] == pytest.approx(
        [one.ended for one in overlapping]
    )


def _compare_time(entry: Entry, truth: dict[str, float]) -> None:
    assert {key: getattr(entry, key) for key in truth} == pytest.approx(truth, abs=0.01)
    if not truth["known_s"]:
        assert entry.uptime is None
        return
    exact = 1 - truth["down_s"] / truth["known_s"]
    assert entry.uptime is not None
    assert exact - 1.1e-8 <= entry.uptime <= exact + 1e-12  # rounded down
    assert entry.slo.left_s == pytest.approx((entry.slo.budget_s or 0.0) - truth["down_s"], abs=0.01)


def _compare_latencies(entry: Entry, latencies: list[float]) -> None:
    if not latencies:
        assert entry.latency_ms.p50 is None
        return
    shown = entry.latency_ms
    for share, figure in ((0.5, shown.p50), (0.9, shown.p90), (0.95, shown.p95), (0.99, shown.p99)):
        assert figure == pytest.approx(percentile(latencies, share), rel=0.01)
    assert shown.max == pytest.approx(max(latencies), abs=0.01)
