"""The resolver's servers and search domains."""

from __future__ import annotations

import socket
import time

import pytest

from monitor.doctor import Level
from monitor.doctor import resolver as subject
from monitor.doctor.resolver import judged, searching

CASES: dict[str, tuple[list[tuple[str, float | None]], list[Level]]] = {
    "none configured": ([], [Level.BAD]),
    "one answers": ([("a", 3.0)], [Level.OK]),
    "slow": ([("a", 300.0)], [Level.WARN]),
    "none answers": ([("a", None), ("b", None)], [Level.BAD]),
    "the first is silent": ([("a", None), ("b", 2.0)], [Level.BAD, Level.OK]),
    "the second is silent": ([("a", 2.0), ("b", None)], [Level.WARN, Level.OK]),
}


@pytest.mark.parametrize(("answers", "levels"), CASES.values(), ids=CASES)
def test_servers_are_judged_by_their_answers(answers: list[tuple[str, float | None]], levels: list[Level]):
    findings = list(judged(answers))
    assert [one.level for one in findings] == levels
    assert all(one.remedy for one in findings if one.level is not Level.OK)


@pytest.mark.parametrize(
    ("domains", "dots", "level"),
    [([], 1, Level.OK), (["a.example"], 1, Level.OK), (["svc.cluster.local"], 5, Level.WARN)],
)
def test_search_domains_matter_when_they_are_tried_for_whole_names(
    domains: list[str], dots: int, level: Level
):
    assert searching(domains, dots).level is level


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subject, "_PATIENCE", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        began = time.perf_counter()
        assert subject._asked("127.0.0.1", silent.getsockname()[1]) is None
    assert time.perf_counter() - began < 2
