"""blackbox_exporter's http settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.importers._blackbox_http import all_of, any_of

FULL = Path(__file__).parent / "files" / "blackbox.yml"
Convert = Callable[..., Any]

KEYS = {
    "method": "POST",
    "body": '{"password": "${PAGE_PASSWORD}"}',
    "follow_redirects": False,
    "max_body": "10MB",
    "http_version": "1.1",
    "ip_version": 4,
    "proxy": "http://p:${PROXY_OF_PAGE_PASSWORD}@proxy.example:3128",
    "no_proxy": ["10.0.0.0/8", "a.example"],
    "auth": {"basic": ["u", "${PAGE_PASSWORD_2}"]},
    "tls": {"verify": False, "server_name": "inner.example", "min_version": "1.3"},
    "timeout": "4s",
}


@pytest.mark.parametrize(("key", "value"), KEYS.items(), ids=KEYS)
def test_a_setting_becomes_a_key(key: str, value: Any, convert: Convert, tmp_path: Path):
    (tmp_path / "key.txt").write_text("x")
    given = FULL.read_text()
    assert convert("blackbox", given).toml["groups"]["page"][key] == value


FAMILIES: dict[str, tuple[dict[str, Any], int | None, str]] = {
    "the default": ({}, None, ""),
    "a preference": ({"preferred_ip_protocol": "ip4"}, None, "ip_version = 4 keeps to one"),
    "a preference with a fallback": (
        {"preferred_ip_protocol": "ip6", "ip_protocol_fallback": True},
        None,
        "ip_version = 6 keeps to one",
    ),
    "one family": ({"preferred_ip_protocol": "ip4", "ip_protocol_fallback": False}, 4, ""),
    "no fallback from the default": ({"ip_protocol_fallback": False}, 6, ""),
}


@pytest.mark.parametrize("prober", ["http", "tcp", "icmp", "dns", "grpc", "websocket"])
@pytest.mark.parametrize(("given", "version", "noted"), FAMILIES.values(), ids=FAMILIES)
def test_an_address_family_is_kept_to_only_without_a_fallback(
    prober: str, given: dict[str, Any], version: int | None, noted: str, convert: Convert
):
    result = convert("blackbox", {"modules": {"a": {"prober": prober, prober: {**given, "query_name": "a"}}}})
    assert result.toml.get("groups", {}).get("a", {}).get("ip_version") == version
    assert (f"preferred_ip_protocol: both families are tried; {noted}" in result.said) is bool(noted)


def test_expectations_are_carried_over(convert: Convert):
    expect = convert("blackbox", FULL).toml["groups"]["page"]["expect"]
    assert expect["status"] == [200, 204]
    assert expect["body"]["not_matches"] == "(?:no database)|(?:panic)"
    assert expect["headers"] == {
        "Set-Cookie": {"not_matches": ".*"},
        "X-Frame": {"matches": "DENY|SAME"},
    }


def test_what_a_file_holds_is_read_from_it(convert: Convert, tmp_path: Path):
    (tmp_path / "token").write_text("s3cr3t")
    module = {"prober": "http", "http": {"authorization": {"credentials_file": "token"}}}
    made = convert("blackbox", {"modules": {"a": module}})
    assert made.toml["groups"]["a"]["auth"] == {"bearer": f"${{file:{tmp_path}/token}}"}


def test_a_file_that_is_not_here_makes_the_key_a_comment(convert: Convert):
    result = convert("blackbox", FULL)
    assert "from_files: auth: not valid here:" in result.said


@pytest.mark.parametrize(
    ("text", "found"), [("all good\nversion 7", True), ("all good", False), ("version 7", False)]
)
def test_several_patterns_must_all_be_found(text: str, found: bool):
    assert bool(re.search(all_of(["all good", "version [0-9]+"]), text)) is found


def test_any_of_several_patterns_is_enough():
    assert re.search(any_of(["a", "b"]), "xb")
    assert any_of(["a"]) == "a"
