"""blackbox_exporter's modules as groups."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FULL = Path(__file__).parent / "files" / "blackbox.yml"
Convert = Callable[..., Any]


def test_a_module_is_a_group_with_an_endpoint_as_an_example(convert: Convert):
    result = convert("blackbox", FULL)
    assert result.toml["groups"]["echo"] == {"ip_version": 4}
    assert "endpoints" not in result.toml
    assert '# url = "icmp://TARGET.example.com"\n# group = "echo"' in result.text


def test_an_example_is_no_loss(convert: Convert):
    result = convert("blackbox", {"modules": {"a": {"prober": "icmp"}}})
    assert not result.notes


NOT_CARRIED = (
    "page: http.fail_if_ssl:",
    "page: http.fail_if_not_ssl:",
    "page: http.fail_if_body_json_matches_cel:",
    "page: http.compression:",
    "page: http.proxy_from_environment:",
    "page: http.proxy_connect_header:",
    "page: http.skip_resolve_phase_with_proxy:",
    "page: http.valid_http_versions:",
    "page: http.tls_config.max_version:",
    "page: http.http_headers.Accept-Language",
    "oauth: http.oauth2.endpoint_params:",
    "banner: tcp.source_ip_address:",
    "banner: tcp.query_response[1].labels:",
    "mail: tcp.query_response:",
    "raw: tcp.query_response:",
    "names: dns.valid_rcodes:",
    "names: dns.recursion_desired:",
    "names: dns.query_class:",
    "names: dns.validate_answer_rrs.fail_if_matches_regexp:",
    "names: dns.validate_authority_rrs.fail_if_matches_regexp:",
    "echo: icmp.payload_size:",
    "echo: icmp.ttl:",
    "echo: icmp.dont_fragment:",
    "local of TARGET.example.com: not carried over:",
)


@pytest.mark.parametrize("note", NOT_CARRIED)
def test_what_has_no_counterpart_is_noted(note: str, convert: Convert):
    assert note in convert("blackbox", FULL).said
