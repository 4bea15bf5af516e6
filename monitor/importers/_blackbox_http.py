"""blackbox_exporter's ``http`` settings, and those that several of its probers share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._secrets import Secrets, placeholder

_VERSIONS = {"HTTP/1.0": "1.0", "HTTP/1.1": "1.1", "HTTP/2": "2", "HTTP/2.0": "2", "HTTP/3.0": "3"}
_TLS_VERSIONS = {"TLS10": "1.0", "TLS11": "1.1", "TLS12": "1.2", "TLS13": "1.3"}


def take_http(given: Fields, block: Block, secrets: Secrets, folder: Path) -> None:
    """Carry over a module's ``http`` table."""
    method = given.text("method", "GET").upper()
    if method != "GET":
        block.keys["method"] = method
    if headers := {
        **_headers(given, block, secrets),
        **http_headers(given, "http_headers", block, secrets, folder),
    }:
        block.keys["headers"] = headers
    if given.text("body"):
        block.keys["body"] = secrets.in_body(given.text("body"), block.title)
    if given.text("body_file"):
        block.keys["body"] = from_file(given.text("body_file"), folder)
    if not given.flag("follow_redirects", True):
        block.keys["follow_redirects"] = False
    _versions(given, block)
    _expectations(given, block)
    take_credentials(given, block, secrets, folder)
    take_tls(given.below("tls_config", rest=True), block, folder)
    take_family(given, block)
    limit = given.text("body_size_limit")
    if limit not in ("", "0"):
        block.keys["max_body"] = limit
    _lose(given)


def _lose(given: Fields) -> None:
    given.lose("whether TLS is spoken is up to the URL", "fail_if_ssl", "fail_if_not_ssl")
    given.lose(
        "CEL is not evaluated; write it as expect.json",
        "fail_if_body_json_matches_cel",
        "fail_if_body_json_not_matches_cel",
    )
    given.lose("gzip, deflate and what is installed besides are accepted", "compression")
    given.lose("proxies of the environment are ignored", "proxy_from_environment")
    given.lose("the proxy is asked without headers of its own", "proxy_connect_header")
    given.lose("with a proxy, the proxy looks names up", "skip_resolve_phase_with_proxy")


def _headers(given: Fields, block: Block, secrets: Secrets) -> dict[str, str]:
    return {
        name: secrets.in_header(name, value, block.title) for name, value in given.pairs("headers").items()
    }


def http_headers(given: Fields, key: str, block: Block, secrets: Secrets, folder: Path) -> dict[str, str]:
    """Headers whose values are given as lists of values, secrets and files."""
    found, table = {}, given.below(key)
    for name in table.all:
        one = table.below(name, rest=True)
        hidden = [
            secrets.hide(text, f'header {name} of "{block.title}"', block.title, name)
            for text in one.texts("secrets")
        ]
        shown = [secrets.in_header(name, text, block.title) for text in one.texts("values")]
        values = [*shown, *hidden, *(from_file(text, folder) for text in one.texts("files"))]
        if len(values) > 1:
            one.note("", "has several values, of which the last is sent")
        if values:
            found[name] = values[-1]
    table.leftovers()
    return found


def from_file(name: str, folder: Path) -> str:
    """The contents of a file, read together with the config."""
    return placeholder(f"file:{folder.absolute() / name}")


def _versions(given: Fields, block: Block) -> None:
    asked = [_VERSIONS.get(one, one) for one in given.texts("valid_http_versions")]
    if len(set(asked)) == 1:
        block.expect("http_version", asked[0])
    elif asked:
        given.note("valid_http_versions", f"one version can be expected, not {len(set(asked))}")
    if given.flag("enable_http3"):
        block.keys["http_version"] = "3"
    elif not given.flag("enable_http2", True):
        block.keys["http_version"] = "1.1"


def _expectations(given: Fields, block: Block) -> None:
    codes = [int(code) for code in given.texts("valid_status_codes") if code.isdecimal()]
    if codes:
        block.expect("status", codes[0] if len(codes) == 1 else codes)
    body: dict[str, str] = {}
    wanted, unwanted = (
        given.texts("fail_if_body_not_matches_regexp"),
        given.texts("fail_if_body_matches_regexp"),
    )
    if wanted:
        body["matches"] = all_of(wanted)
    if unwanted:
        body["not_matches"] = any_of(unwanted)
    if body:
        block.expect("body", body)
    headers = _header_matchers(given)
    if headers:
        block.expect("headers", headers)


def all_of(patterns: list[str]) -> str:
    """One regular expression that matches where all of several match."""
    return patterns[0] if len(patterns) == 1 else "(?s)^" + "".join(f"(?=.*?(?:{one}))" for one in patterns)


def any_of(patterns: list[str]) -> str:
    return patterns[0] if len(patterns) == 1 else "|".join(f"(?:{one})" for one in patterns)


def _header_matchers(given: Fields) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, operator in (
        ("fail_if_header_not_matches", "matches"),
        ("fail_if_header_matches", "not_matches"),
    ):
        for one in given.tables(key):
            may_lack = one.flag("allow_missing")
            if operator == "matches" and may_lack:
                one.note("allow_missing", "a header that is expected to match has to be there")
            matcher = found.setdefault(one.text("header"), {})
            if operator in matcher:
                one.note("regexp", "is the second one of that kind for the header")
                continue
            matcher[operator] = one.text("regexp")
            if operator == "not_matches" and not may_lack:
                matcher["exists"] = True
            one.leftovers()
    return found


def take_credentials(given: Fields, block: Block, secrets: Secrets, folder: Path) -> None:
    """Carry over the prober's login and its proxy."""
    basic, token = given.below("basic_auth", rest=True), given.below("authorization", rest=True)
    if basic.all:
        user = basic.text("username") or from_file(basic.text("username_file"), folder)
        block.keys["auth"] = {"basic": [user, _secret(basic, "password", block, secrets, folder)]}
    if token.all:
        credentials, scheme = (
            _secret(token, "credentials", block, secrets, folder),
            token.text("type", "Bearer"),
        )
        if scheme.lower() == "bearer":
            block.keys["auth"] = {"bearer": credentials}
        else:
            block.keys.setdefault("headers", {})["Authorization"] = f"{scheme} {credentials}"
    _oauth2(given.below("oauth2", rest=True), block, secrets, folder)
    if given.text("proxy_url"):
        block.keys["proxy"] = secrets.in_url(given.text("proxy_url"), f"proxy of {block.title}")
    if given.text("no_proxy"):
        block.keys["no_proxy"] = [one.strip() for one in given.text("no_proxy").split(",") if one.strip()]


def _secret(given: Fields, key: str, block: Block, secrets: Secrets, folder: Path) -> str:
    if given.text(f"{key}_file"):
        return from_file(given.text(f"{key}_file"), folder)
    return secrets.hide(given.text(key), f'{key} of "{block.title}"', block.title, key)


def _oauth2(given: Fields, block: Block, secrets: Secrets, folder: Path) -> None:
    if given.all:
        table = {
            "token_url": given.text("token_url"),
            "client_id": given.text("client_id"),
            "client_secret": _secret(given, "client_secret", block, secrets, folder),
        }
        scope = " ".join(given.texts("scopes"))
        block.keys["auth"] = {"oauth2": {**table, **({"scope": scope} if scope else {})}}
        given.lose("no parameters of one's own are sent for a token", "endpoint_params")


def take_tls(given: Fields, block: Block, folder: Path) -> None:
    """Carry over a ``tls_config``."""
    table: dict[str, Any] = {}
    if given.flag("insecure_skip_verify"):
        table["verify"] = False
    for ours, theirs in (("ca", "ca_file"), ("cert", "cert_file"), ("key", "key_file")):
        if given.text(theirs):
            table[ours] = str(folder.absolute() / given.text(theirs))
    if given.text("server_name"):
        table["server_name"] = given.text("server_name")
    version = _TLS_VERSIONS.get(given.text("min_version"))
    if version not in (None, "1.2"):
        table["min_version"] = version
    given.lose("only the oldest version can be set", "max_version")
    if table:
        block.keys["tls"] = table


def take_family(given: Fields, block: Block) -> None:
    """One address family without a fallback; with one, the preference is only noted."""
    family = 4 if given.text("preferred_ip_protocol", "ip6") == "ip4" else 6
    if not given.flag("ip_protocol_fallback", True):
        block.keys["ip_version"] = family
    elif given.text("preferred_ip_protocol"):
        block.note("preferred_ip_protocol", f"both families are tried; ip_version = {family} keeps to one")
