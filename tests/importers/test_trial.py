"""What `monitor validate` would refuse becomes a comment, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._trial import settle


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
    monkeypatch.setattr("monitor.importers._trial._ROUNDS", 1)
    with pytest.raises(UsageError, match="cannot be made a valid config"):
        settled(tmp_path, timeout="soon", url="https://a.example/")
