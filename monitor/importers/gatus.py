"""Gatus's YAML: endpoints, suites, external endpoints, alerts, maintenance (version 5)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from monitor.errors import UsageError
from monitor.importers._draft import Block, Draft
from monitor.importers._fields import Fields
from monitor.importers._gatus_alerts import Alerts
from monitor.importers._gatus_client import take_client
from monitor.importers._gatus_conditions import Conditions
from monitor.importers._read import Table, as_table, read_yaml
from monitor.importers._secrets import END, Secrets
from monitor.syntax.duration import format_duration

HELP = "Gatus's config.yaml"
WANTED = "an entry in endpoints, suites or external-endpoints"

_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_SCHEMES = {
    "http": "http",
    "https": "http",
    "tcp": "tcp",
    "udp": "udp",
    "icmp": "icmp",
    "tls": "tls",
    "ssh": "ssh",
}
_SCHEMES |= {"starttls": "tls", "grpc": "grpc", "grpcs": "grpc", "ws": "websocket", "wss": "websocket"}
_INTERVAL = 60.0
_SUITE_INTERVAL = 600.0
_BODY_NAMES = {"[ENDPOINT_NAME]": "name", "[ENDPOINT_GROUP]": "group", "[ENDPOINT_URL]": "url"}
_CHANGING = re.compile(r"\[(?:LOCAL_ADDRESS|RANDOM_STRING_\d+)\]")
_MOST_FILES = 500
_WHOLE = {
    "storage": "the history has a place of its own: [monitor] history",
    "security": "who may read is up to [monitor] tokens",
    "ui": "the dashboard has settings of its own: [dashboard]",
    "announcements": "there are no announcements",
    "remote": "monitor attach ssh://… shows another machine's",
    "tunneling": "checks do not go through SSH tunnels",
    "concurrency": "checks run side by side; [monitor] max_concurrency limits them",
    "debug": "was about logging",
    "skip-invalid-config-update": "a config that is not valid is never taken over",
    "disable-monitoring-lock": "checks always run side by side",
}
_DAYS = {"Sunday": "sun", "Monday": "mon", "Tuesday": "tue", "Wednesday": "wed"}
_DAYS |= {"Thursday": "thu", "Friday": "fri", "Saturday": "sat"}
_START = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def convert(file: Path, draft: Draft, modules: Path | None) -> None:
    """Fill ``draft`` from ``file``."""
    if modules is not None:
        raise UsageError("--modules belongs to 'monitor import prometheus'")
    table = as_table(_expanded(_read(file), draft.secrets), file, "a table of settings, as Gatus has it")
    if not {"endpoints", "suites", "external-endpoints"} & table.keys():
        raise UsageError(f"{file} has no endpoints, suites or external-endpoints; is it a config of Gatus?")
    config = Fields(table, draft.top.note)
    alerts = Alerts(config.below("alerting"), draft)
    for given in config.tables("endpoints"):
        _endpoint(given, draft, alerts)
    for suite in config.tables("suites"):
        _suite(suite, draft, alerts)
    for given in config.tables("external-endpoints"):
        _external(given, draft, alerts)
    alerts.finish()
    _whole(config, draft)
    config.leftovers()


def _read(file: Path) -> Any:
    """The contents of ``file``, or of a folder's files: tables are merged, lists are concatenated."""
    if not file.is_dir():
        return read_yaml(file)
    parts = sorted(path for path in file.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
    if not 0 < len(parts) <= _MOST_FILES:
        raise UsageError(f"{file} holds {len(parts)} YAML files; from 1 to {_MOST_FILES} are read")
    whole = Table()
    for part in parts:
        _merge(whole, as_table(read_yaml(part), part, "a table of settings"), part)
    return whole


def _merge(into: Table, other: Table, part: Path) -> None:
    for key, value in other.items():
        there = into.get(key)
        if isinstance(there, Table) and isinstance(value, Table):
            _merge(there, value, part)
        elif isinstance(there, list) and isinstance(value, list):
            into[key] = [*there, *value]
        elif there is None:
            into[key] = value
        else:
            raise UsageError(f"{part}: {key} is set in another file of the folder as well")


def _expanded(value: Any, secrets: Secrets) -> Any:
    """``value`` with the variables of the environment as placeholders."""

    def one(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else secrets.variable(found[1] or found[2])

    if isinstance(value, str):
        return _VARIABLE.sub(one, value) if "$" in value else value
    if isinstance(value, Table):
        made = Table({key: _expanded(item, secrets) for key, item in value.items()})
        made.line = value.line
        return made
    return [_expanded(item, secrets) for item in value] if isinstance(value, list) else value


# ── endpoints ───────────────────────────────────────────────────────────────────────────────────


def _begun(given: Fields, draft: Draft, group: str = "") -> tuple[Fields, Block]:
    """The endpoint's block, and its settings, whose notes go to the block."""
    block = draft.endpoint(given.text("name"), given.line)
    own = Fields(given.all, block.note)
    own.skip("name")
    group = own.text("group") or group
    if group:
        block.keys["group"] = group
    if not own.flag("enabled", True):
        block.keys["enabled"] = False
    return own, block


def _endpoint(
    given: Fields, draft: Draft, alerts: Alerts, group: str = "", interval: float = _INTERVAL
) -> Block:
    own, block = _begun(given, draft, group)
    kind = _address(own, block, draft)
    block.keys["interval"] = format_duration(own.seconds("interval") or interval)
    take_client(own.below("client"), block, kind, draft.secrets)
    if kind:
        _request(own, block, kind, draft)
        _conditions(own, block, kind, draft)
    labels = own.pairs("extra-labels")
    if labels:
        block.keys["tags"] = [f"{name}:{value}" for name, value in labels.items()]
    alerts.take(own, block)
    _windows(own, draft, block)
    own.lose("shapes only what Gatus's page shows", "ui")
    own.leftovers()
    return block


def _address(own: Fields, block: Block, draft: Draft) -> str:
    """Set the URL and return the kind of check; empty if there is no such kind."""
    url = own.text("url")
    if own.has("dns"):
        block.keys["url"] = _dns_url(url, own.below("dns", rest=True))
        return "dns"
    scheme = url.partition("://")[0].lower()
    kind = _SCHEMES.get(scheme, "")
    block.keys["url"] = draft.secrets.in_url(url.replace("starttls://", "tls://", 1), block.title)
    if scheme == "starttls":
        block.keys["starttls"] = "smtp"
    if not kind and scheme.startswith("\ue000") and scheme.endswith(END):
        kind = "http"  # the scheme is in the environment as well
    if not kind:
        block.refuse(f"there is no {scheme}:// check" if "://" in url else "it has no URL with a scheme")
    return kind


def _dns_url(server: str, dns: Fields) -> str:
    name, record_type = dns.text("query-name").rstrip("."), dns.text("query-type", "A")
    at = f"&server={server}" if server else ""
    return f"dns://{quote(name, safe='.-_')}?type={record_type}{at}"


def _request(own: Fields, block: Block, kind: str, draft: Draft) -> None:
    """Method, headers and body, if the kind has them."""
    method, body = own.text("method", "GET").upper(), _body(own, block)
    headers = {
        name: draft.secrets.in_header(name, value, block.title)
        for name, value in own.pairs("headers").items()
    }
    if headers and kind in ("http", "websocket", "grpc"):
        block.keys["headers"] = headers
    elif headers:
        block.note("headers", f"a {kind} check sends none")
    if kind == "http" and method != "GET":
        block.keys["method"] = method
    _login(own, block, kind)
    if body:
        _send(own, block, kind, draft.secrets.in_body(body, block.title))
    elif own.flag("graphql"):
        block.note("graphql", "there is no body to wrap")


def _body(own: Fields, block: Block) -> str:
    body = own.text("body")
    for sign, key in _BODY_NAMES.items():
        body = body.replace(sign, own.text(key))
    if changing := _CHANGING.search(body):
        block.note("body", f"{changing[0]} differed from check to check; here it is sent as it stands")
    return body


def _send(own: Fields, block: Block, kind: str, body: str) -> None:
    if kind == "http" and own.flag("graphql"):
        block.keys["json"] = {"query": body}
    elif kind == "http":
        block.keys["body"] = body
    elif kind in ("tcp", "udp", "websocket"):
        block.keys["send"] = body
    else:
        block.note("body", f"a {kind} check sends none")


def _login(own: Fields, block: Block, kind: str) -> None:
    ssh = own.below("ssh", rest=True)
    used = [key for key in ("username", "password", "private-key") if ssh.text(key)]
    if used:
        why = (
            "the check reads the server's greeting, without a login"
            if kind == "ssh"
            else f"of a {kind} check"
        )
        block.note("ssh", f"{', '.join(used)}: {why}")


def _conditions(own: Fields, block: Block, kind: str, draft: Draft) -> None:
    conditions = Conditions(block, kind, draft.secrets)
    for condition in own.texts("conditions"):
        conditions.take(condition)
    conditions.finish()
    if kind == "udp" and "expect" not in block.keys:
        block.keys["enabled"] = False
        block.note("", "Gatus's check could not fail: here an answer has to come, so it is not enabled")


# ── suites ──────────────────────────────────────────────────────────────────────────────────────


def _suite(suite: Fields, draft: Draft, alerts: Alerts) -> None:
    """The steps of a suite: each an endpoint that depends on the one before."""
    name, group = suite.text("name"), suite.text("group")
    interval = suite.seconds("interval") or _SUITE_INTERVAL
    enabled = suite.flag("enabled", True)
    suite.lose("steps are checked each for itself, with its own timeout", "timeout")
    suite.lose("an endpoint has no values of its own to fill in", "context")
    before: Block | None = None
    for step in suite.tables("endpoints"):
        block = _endpoint(step, draft, alerts, group or name, interval)
        _as_step(Fields(step.all, block.note), block, before)
        if not enabled:
            block.keys["enabled"] = False
        before = before if block.refused else block
    suite.leftovers()


def _as_step(step: Fields, block: Block, before: Block | None) -> None:
    block.notes = [note for note in block.notes if not note.startswith(("always-run:", "store"))]
    step.lose("what it answers cannot be passed on to later steps", "store")
    if before is not None and not step.flag("always-run"):
        block.about = [before]
    if "[CONTEXT]" in f"{step.text('url')}{step.text('body')}{step.pairs('headers')}".upper():
        block.refuse("it asks for what earlier steps of its suite answered, which no endpoint here knows")


# ── external endpoints ──────────────────────────────────────────────────────────────────────────


def _external(given: Fields, draft: Draft, alerts: Alerts) -> None:
    own, block = _begun(given, draft)
    words = re.sub(r"[^a-z0-9]+", "-", f"{block.keys.get('group', '')} {block.title}".lower()).strip("-")
    block.keys["url"] = f"push:{words or 'external'}"
    heartbeat = own.below("heartbeat", rest=True).seconds("interval")
    block.keys["interval"] = format_duration(heartbeat or 86400.0)
    if not heartbeat:
        block.note(
            "heartbeat.interval",
            "was not set, so a missing report was no failure; here it is missed after a day",
        )
    token = own.text("token")
    if token:
        block.keys["token"] = draft.secrets.hide(token, f'token of "{block.title}"', block.title, "token")
    alerts.take(own, block)
    _windows(own, draft, block)
    own.leftovers()
    draft.settings.keys.setdefault("listen", "127.0.0.1:9315")
    block.note(
        "", f"report with /push/{words}?token=… (and &status=down for a failure) instead of Gatus's API"
    )


# ── maintenance and the rest ────────────────────────────────────────────────────────────────────


def _windows(own: Fields, draft: Draft, block: Block) -> None:
    for window in own.tables("maintenance-windows"):
        _maintenance(window, draft, [block])


def _maintenance(window: Fields, draft: Draft, about: list[Block]) -> None:
    found = _START.fullmatch(window.text("start"))
    days = [_DAYS.get(day, "") for day in window.texts("every")]
    made = Block("maintenance", line=window.line, about=about)
    if not window.flag("enabled", True):
        made.refuse("it was not enabled")
    if found is None or "" in days or not window.seconds("duration"):
        window.note("", "has no start such as 23:00, no duration, or a day that is none; it was left out")
        return
    made.keys = {
        "cron": f"{int(found[2])} {int(found[1])} * * {','.join(days) or '*'}",
        "duration": format_duration(window.seconds("duration") or 0),
        "timezone": window.text("timezone") or "UTC",
    }
    draft.maintenance.append(made)
    window.leftovers()


def _whole(config: Fields, draft: Draft) -> None:
    """Convert the settings that concern no particular endpoint."""
    if config.has("maintenance"):
        _maintenance(config.below("maintenance"), draft, [])
    target = config.below("connectivity").below("checker", rest=True)
    if target.text("target"):
        draft.settings.keys["connectivity"] = [f"tcp://{target.text('target')}"]
        target.lose("canaries are asked when something fails", "interval")
    target.leftovers()
    web = config.below("web", rest=True)
    if config.flag("metrics") or web.has("port"):
        draft.settings.keys["listen"] = f"127.0.0.1:{web.count('port') or 8080}"
    if web.text("address", "127.0.0.1") not in ("127.0.0.1", "::1", "localhost"):
        web.note("address", "other machines may read only with [monitor] tokens; it listens on loopback")
    for key, reason in _WHOLE.items():
        config.lose(reason, key)
