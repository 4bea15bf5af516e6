"""Gatus's client settings."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._gatus_client import take_client
from monitor.importers._secrets import Secrets, placeholder

OAUTH = {"token-url": "https://id", "client-id": "i", "client-secret": "s3cr3t", "scopes": ["a", "b"]}


def test_an_address_family_is_for_icmp_only():
    for kind, version, noted in (("icmp", 6, False), ("http", None, True)):
        block = Block("endpoints", {"name": "a"})
        take_client(Fields({"network": "ip6"}, block.note), block, kind, Secrets())
        assert (block.keys.get("ip_version"), bool(block.notes)) == (version, noted)


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "nothing": ("http", {}, {"timeout": "10s"}),
    "a timeout": ("http", {"timeout": "2s"}, {"timeout": "2s"}),
    "a client certificate": (
        "tls",
        {"tls": {"certificate-file": "a", "private-key-file": "b"}},
        {"timeout": "10s", "tls": {"cert": "a", "key": "b"}},
    ),
    "an OAuth client": (
        "http",
        {"oauth2": OAUTH},
        {
            "timeout": "10s",
            "auth": {
                "oauth2": {
                    "token_url": "https://id",
                    "client_id": "i",
                    "client_secret": placeholder("A_CLIENT_SECRET"),
                    "scope": "a b",
                }
            },
        },
    ),
}


@pytest.mark.parametrize(("kind", "given", "wanted"), CASES.values(), ids=CASES)
def test_settings_become_keys(kind: str, given: dict[str, Any], wanted: dict[str, Any]):
    block = Block("endpoints", {"name": "a"})
    take_client(Fields(given, block.note), block, kind, Secrets())
    assert block.keys == {"name": "a", **wanted}
    assert not block.notes


def test_tls_settings_of_a_kind_without_tls_are_noted():
    block = Block("endpoints", {"name": "a"})
    take_client(Fields({"insecure": True}, block.note), block, "icmp", Secrets())
    assert block.notes == ["tls: a icmp check has no TLS"]
