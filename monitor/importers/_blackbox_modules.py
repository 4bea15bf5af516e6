"""blackbox_exporter's modules, each as the keys of an endpoint that is checked that way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from monitor.errors import UsageError
from monitor.importers._blackbox_http import (
    http_headers,
    take_family,
    take_http,
    take_tls,
)
from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._read import Table, as_table, read_yaml
from monitor.importers._secrets import Secrets
from monitor.syntax.duration import format_duration

_SIGNS = set(".^$*+?()[]{}|\\")
_ALL_RULES = (
    "fail_if_matches_regexp",
    "fail_if_all_match_regexp",
    "fail_if_not_matches_regexp",
    "fail_if_none_matches_regexp",
)
_STARTTLS = {
    "EHLO": "smtp",
    "HELO": "smtp",
    "LHLO": "lmtp",
    "STLS": "pop3",
    "AUTH TLS": "ftp",
    ". STARTTLS": "imap",
}
_BOUND = "the source address is the system's choice"


def read_modules(file: Path) -> Table:
    """The ``modules`` of a config of blackbox_exporter."""
    table = as_table(read_yaml(file), file, "a table of settings, as blackbox_exporter has it")
    if not isinstance(table.get("modules"), Table):
        raise UsageError(f"{file} has no modules; is it a config of blackbox_exporter?")
    modules: Table = table["modules"]
    return modules


def take_module(module: Fields, target: str, block: Block, secrets: Secrets, folder: Path) -> None:
    """Set the URL for ``target`` and the settings of ``module``."""
    prober = module.text("prober")
    if prober not in _PROBERS:
        block.keys["url"] = target
        block.refuse(f"there is no check like its prober {prober!r}")
        return
    timeout = module.seconds("timeout")
    if timeout:
        block.keys["timeout"] = format_duration(timeout)
    given = module.below(prober)
    block.keys["url"] = _PROBERS[prober](given, target, block, secrets, folder)
    given.leftovers()
    for other in _PROBERS:
        module.lose(f"belongs to another prober than {prober}", *({other} - {prober}))
    module.leftovers()


def _http(given: Fields, target: str, block: Block, secrets: Secrets, folder: Path) -> str:
    take_http(given, block, secrets, folder)
    return secrets.in_url(target if "://" in target else f"http://{target}", block.title)


def _tcp(given: Fields, target: str, block: Block, secrets: Secrets, folder: Path) -> str:
    address = target.partition("://")[2] or target
    steps = given.tables("query_response")
    take_family(given, block)
    given.lose(_BOUND, "source_ip_address")
    tls, started = given.flag("tls"), any(step.flag("starttls") for step in steps)
    if tls or started:
        take_tls(given.below("tls_config", rest=True), block, folder)
        _upgraded(steps, block, started=started)
        return f"tls://{address}"
    given.skip("tls_config")
    _dialogue(steps, block, secrets)
    return f"tcp://{address}"


def _upgraded(steps: list[Fields], block: Block, *, started: bool) -> None:
    """A handshake, after the protocol's own request for it; later dialogue is not converted."""
    said = " ".join(step.text("send").upper() for step in steps)
    protocol = next((name for word, name in _STARTTLS.items() if word in said), "imap" if started else "")
    if started:
        block.keys["starttls"] = protocol
    rest = steps[[step.flag("starttls") for step in steps].index(True) + 1 :] if started else steps
    if rest:
        block.note("tcp.query_response", "nothing is said once TLS is on; the handshake is checked")
    _labels(steps)


def _dialogue(steps: list[Fields], block: Block, secrets: Secrets, end: str = "\n") -> None:
    """All texts to send, each with its ``end``, as one text; and the last expected text."""
    sent = [step.text("send") for step in steps if step.has("send")]
    expected = [_expected(step) for step in steps if step.has("expect") or step.has("expect_bytes")]
    if any("${" in one for one in sent):
        block.note("tcp.query_response", "what was received cannot be sent back")
        sent = [one for one in sent if "${" not in one]
    if sent:
        block.keys["send"] = secrets.in_body("".join(f"{one}{end}" for one in sent), block.title)
    if expected:
        block.expect("reply", {"matches": f"(?m){expected[-1]}"})
    if len(expected) > 1:
        block.note(
            "tcp.query_response",
            f"{len(expected)} replies were expected one by one; here the last has to come",
        )
    _labels(steps)


def _expected(step: Fields) -> str:
    literal = step.text("expect_bytes")
    return re.escape(literal) if literal else step.text("expect")


def _labels(steps: list[Fields]) -> None:
    for step in steps:
        step.skip("send", "expect", "expect_bytes", "starttls")
        step.lose("a metric of its own is not made of the reply", "labels")
        step.leftovers()


def _dns(given: Fields, target: str, block: Block, _secrets: Secrets, folder: Path) -> str:
    name, record_type = given.text("query_name").rstrip("."), given.text("query_type", "ANY")
    transport = "tcp" if given.text("transport_protocol") == "tcp" else ""
    if given.flag("dns_over_tls"):
        transport = "tls"
        take_tls(given.below("tls_config", rest=True), block, folder)
    take_family(given, block)
    codes = given.texts("valid_rcodes") or ["NOERROR"]
    if codes != ["NOERROR"]:
        block.expect("rcode", codes[0])
    if len(codes) > 1:
        given.note("valid_rcodes", f"one can be expected; {codes[0]} is")
    _records(given, block)
    given.lose(_BOUND, "source_ip_address")
    if given.text("query_class", "IN") != "IN":
        given.note("query_class", "only IN is asked for")
    if not given.flag("recursion_desired", True):
        given.note("recursion_desired", "recursion is always desired")
    server = target.rpartition("://")[2]
    at = f"{transport}://{server}" if transport else server
    return f"dns://{quote(name, safe='.-_')}?type={record_type}&server={at}"


def _records(given: Fields, block: Block) -> None:
    """Records that are written out; patterns cannot be carried over."""
    for part in ("validate_answer_rrs", "validate_authority_rrs", "validate_additional_rrs"):
        rules = given.below(part, rest=True)
        for key in _ALL_RULES:
            patterns = rules.texts(key)
            record = _record(patterns[0]) if len(patterns) == 1 else ""
            if part == "validate_answer_rrs" and key == "fail_if_none_matches_regexp" and record:
                block.expect("records", [record])
            elif patterns:
                rules.note(
                    key, "only records of the answer that are written out can be expected (expect.records)"
                )


def _record(pattern: str) -> str:
    """The record that a pattern matches, if it is literal or matches a whole line."""
    value = pattern.rpartition("\t")[2].removeprefix(".*").removesuffix("$")
    bare = value.replace("\\.", ".")
    return bare if bare and not set(bare.replace(".", "")) & _SIGNS else ""


def _icmp(given: Fields, target: str, block: Block, _secrets: Secrets, _folder: Path) -> str:
    take_family(given, block)
    given.lose(_BOUND, "source_ip_address")
    given.lose("echo requests are of one size, with the system's TTL", "payload_size", "ttl", "dont_fragment")
    host = target.rpartition("://")[2]
    return f"icmp://[{host}]" if host.count(":") > 1 and "[" not in host else f"icmp://{host}"


def _grpc(given: Fields, target: str, block: Block, secrets: Secrets, folder: Path) -> str:
    take_family(given, block)
    scheme = "grpcs" if given.flag("tls") else "grpc"
    take_tls(given.below("tls_config", rest=True), block, folder)
    metadata = given.below("metadata")
    headers = {name: values[-1] for name in metadata.all if (values := metadata.texts(name))}
    if headers:
        block.keys["headers"] = {
            name: secrets.in_header(name, value, block.title) for name, value in headers.items()
        }
    service = given.text("service")
    return f"{scheme}://{target.rpartition('://')[2].rstrip('/')}/{quote(service)}".rstrip("/")


def _websocket(given: Fields, target: str, block: Block, secrets: Secrets, folder: Path) -> str:
    http = given.below("http_config", rest=True)
    http.lose("a websocket check has none", "basic_auth", "authorization", "oauth2", "proxy_url", "no_proxy")
    take_tls(http.below("tls_config", rest=True), block, folder)
    http.skip("enable_http2", "follow_redirects")
    if headers := http_headers(given, "headers", block, secrets, folder):
        block.keys["headers"] = headers
    take_family(given, block)
    _dialogue(given.tables("query_response"), block, secrets, end="")
    return secrets.in_url(target if "://" in target else f"ws://{target}", block.title)


Prober = Callable[[Fields, str, Block, Secrets, Path], str]
_PROBERS: Mapping[str, Prober] = {
    "http": _http,
    "tcp": _tcp,
    "dns": _dns,
    "icmp": _icmp,
    "grpc": _grpc,
    "websocket": _websocket,
}
"""Prober -> the function that sets the keys of an endpoint and returns its URL."""


def take_host_name(name: str, block: Block) -> None:
    """The parameter ``hostname``: the name to ask for while another address is dialled."""
    if not name:
        return
    block.keys.setdefault("headers", {})["Host"] = name
    if urlsplit(str(block.keys["url"])).scheme == "https":
        block.keys.setdefault("tls", {})["server_name"] = name
