"""Prometheus's relabelling, rule by rule."""

from __future__ import annotations

import time
from typing import Any

import pytest

from monitor.importers._fields import Fields
from monitor.importers._relabel import RelabelError, relabel

LABELS = {"__address__": "a.example:80", "team": "Web", "__meta_x": "1"}


def rules(*given: dict[str, Any]) -> list[Fields]:
    return [Fields(one, lambda _key, _text: None) for one in given]


CASES: dict[str, tuple[dict[str, Any], dict[str, str] | None]] = {
    "a copy": ({"source_labels": ["team"], "target_label": "b"}, {**LABELS, "b": "Web"}),
    "a constant": ({"target_label": "b", "replacement": "x"}, {**LABELS, "b": "x"}),
    "a part": (
        {
            "source_labels": ["__address__"],
            "regex": "(.*):(.*)",
            "target_label": "b",
            "replacement": "$2-${1}",
        },
        {**LABELS, "b": "80-a.example"},
    ),
    "two sources": ({"source_labels": ["team", "__meta_x"], "target_label": "b"}, {**LABELS, "b": "Web;1"}),
    "no match": ({"source_labels": ["team"], "regex": "x", "target_label": "b"}, LABELS),
    "anchored": ({"source_labels": ["team"], "regex": "We", "action": "keep"}, None),
    "kept": ({"source_labels": ["team"], "regex": "We.", "action": "keep"}, LABELS),
    "dropped": ({"source_labels": ["team"], "regex": "We.", "action": "drop"}, None),
    "an empty value": (
        {"target_label": "team", "replacement": ""},
        {k: v for k, v in LABELS.items() if k != "team"},
    ),
    "lower case": (
        {"source_labels": ["team"], "target_label": "t", "action": "lowercase"},
        {**LABELS, "t": "web"},
    ),
    "a map": ({"regex": "__meta_(.+)", "action": "labelmap"}, {**LABELS, "x": "1"}),
    "labels dropped": ({"regex": "__.*", "action": "labeldrop"}, {"team": "Web"}),
    "labels kept": ({"regex": "team", "action": "labelkeep"}, {"team": "Web"}),
    "a dollar sign": ({"target_label": "b", "replacement": "$$1"}, {**LABELS, "b": "$1"}),
    "equal": ({"source_labels": ["team"], "target_label": "__meta_x", "action": "keepequal"}, None),
}


@pytest.mark.parametrize(("rule", "wanted"), CASES.values(), ids=CASES)
def test_a_rule_changes_the_labels(rule: dict[str, Any], wanted: dict[str, str] | None):
    assert relabel(LABELS, rules(rule)) == wanted


@pytest.mark.parametrize("rule", [{"action": "hashmod"}, {"regex": "("}, {"regex": "(?P<a"}])
def test_a_rule_that_cannot_be_carried_out_says_so(rule: dict[str, Any]):
    with pytest.raises(RelabelError):
        relabel(LABELS, rules(rule))


def test_a_regex_that_never_ends_is_given_up():
    started = time.perf_counter()
    with pytest.raises(RelabelError, match="too long"):
        relabel(
            {"a": "a" * 5000 + "b"},
            rules({"source_labels": ["a"], "regex": "(a|aa)+(a|aa)+$", "target_label": "b"}),
        )
    assert time.perf_counter() - started < 5


def test_labels_do_not_grow_without_limit():
    doubling = {"source_labels": ["a"], "target_label": "a", "replacement": "$1$1"}
    with pytest.raises(RelabelError, match="too long"):
        relabel({"a": "x"}, rules(*[doubling] * 40))
