"""What endpoints have in common is written once, and means the same as before."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.layers import overlaid
from monitor.errors import UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._finish import factor_out, settle
from monitor.importers._toml import written


def draft(*endpoints: dict[str, Any]) -> Draft:
    made = Draft("file", "tool")
    for keys in endpoints:
        made.endpoint("").keys |= keys
    return made


def test_the_usual_value_becomes_the_default():
    made = draft({"interval": "1m"}, {"interval": "1m"}, {"interval": "5m"})
    factor_out(made)
    assert made.defaults.keys == {"interval": "1m"}
    assert [one.keys for one in made.endpoints] == [{}, {}, {"interval": "5m"}]


def test_a_value_that_is_built_in_is_not_written():
    made = draft({"interval": "30s", "down_after": 3}, {"interval": "30s", "down_after": 3})
    factor_out(made)
    assert not made.defaults.keys
    assert [one.keys for one in made.endpoints] == [{}, {}]


def test_what_one_leaves_out_is_no_default():
    made = draft({"down_after": 5}, {"down_after": 5}, {})
    factor_out(made)
    assert not made.defaults.keys


def test_what_a_group_has_in_common_is_the_groups():
    tls = {"verify": False}
    made = draft({"group": "a", "tls": tls}, {"group": "a", "tls": tls}, {"group": "b"}, {"group": "b"})
    factor_out(made)
    assert [(one.name, one.keys) for one in made.groups] == [("a", {"tls": tls})]


def test_notes_of_a_whole_group_are_the_groups():
    made = draft({"group": "a"}, {"group": "a"})
    for block in made.endpoints:
        block.note("x", "lost")
    factor_out(made)
    assert made.groups[0].notes == ["x: lost"]
    assert not any(block.notes for block in made.endpoints)


def test_a_certificate_stays_with_the_endpoint():
    expect = {"certificate": "7d"}
    made = draft({"group": "a", "expect": dict(expect)}, {"group": "a", "expect": dict(expect)})
    factor_out(made)
    assert not made.groups


values = st.sampled_from(["10s", "30s", "1m"])
keys = st.fixed_dictionaries(
    {"url": st.just("icmp://a")},
    optional={
        "group": st.sampled_from(["a", "b"]),
        "interval": values,
        "timeout": values,
        "down_after": st.integers(1, 4),
        "tls": st.sampled_from([{"verify": False}, {"min_version": "1.3"}]),
        "expect": st.sampled_from([{"latency": "1s"}, {"loss": 0}]),
    },
)
BUILT_IN = {"interval": "30s", "timeout": "10s", "down_after": 3}


@given(st.lists(keys, max_size=8))
def test_every_endpoint_inherits_what_was_taken_from_it(endpoints: list[dict[str, Any]]):
    made = draft(*(dict(one) for one in endpoints))
    factor_out(made)
    toml = tomllib.loads(str(written(made)))
    for before, after in zip(endpoints, toml.get("endpoints", []), strict=True):
        group = toml.get("groups", {}).get(after.get("group", ""), {})
        assert {**BUILT_IN, **overlaid([toml.get("defaults", {}), group, after])} == {**BUILT_IN, **before}


# ---- invalid settings become comments


def settled(tmp_path: Path, **keys: Any) -> Block:
    draft = Draft("file", "tool")
    draft.endpoint("a").keys |= {"url": "https://a.example", **keys}
    settle(draft, tmp_path)
    return draft.endpoints[0]


CASES = {
    "a key of another kind": ({"send": "x"}, "send"),
    "a wrong value": ({"timeout": "soon"}, "timeout"),
    "a wrong expectation": ({"expect": {"status": 99}}, "expect.status"),
    "one path of several": ({"expect": {"json": {"$.a": 1, "$.[": 2}}}, "expect.json"),
    "a file that is not there": ({"tls": {"ca": "none.pem"}}, "tls"),
    "a header that cannot be sent": ({"headers": {"A B": "x"}}, "headers"),
}


@pytest.mark.parametrize(("keys", "key"), CASES.values(), ids=CASES)
def test_a_key_that_is_not_valid_goes_alone(keys: dict[str, Any], key: str, tmp_path: Path):
    block = settled(tmp_path, **keys)
    assert not block.refused
    assert block.notes
    assert all(note.startswith(f"{key}: not valid here: ") for note in block.notes)
    assert not keys.keys() & block.keys.keys()


@pytest.mark.parametrize("url", ["gopher://a", "nonsense", "http://[", "tcp://a"])
def test_an_endpoint_without_a_good_url_is_a_comment(url: str, tmp_path: Path):
    assert settled(tmp_path, url=url).refused


def test_what_is_valid_stays_as_it_is(tmp_path: Path):
    block = settled(tmp_path, timeout="5s", expect={"status": 200})
    assert block.keys == {"name": "a", "url": "https://a.example", "timeout": "5s", "expect": {"status": 200}}
    assert not block.notes


def test_an_alert_that_is_not_valid_is_a_comment(tmp_path: Path):
    draft = Draft("file", "tool")
    draft.endpoint("a").keys["url"] = "icmp://a"
    draft.alerts.append(Block("alerts", {"url": "exec:true", "remind": "soon"}))
    settle(draft, tmp_path)
    assert draft.alerts[0].refused


def test_what_cannot_be_settled_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("monitor.importers._finish._ROUNDS", 1)
    with pytest.raises(UsageError, match="cannot be made a valid config"):
        settled(tmp_path, timeout="soon", url="https://a.example/")
