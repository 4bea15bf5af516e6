"""Uptime Kuma's backup (JSON), database (SQLite) or dump (MariaDB), versions 1 and 2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from monitor.errors import UsageError
from monitor.importers._draft import Block, Draft, keep_pace
from monitor.importers._fields import Fields
from monitor.importers._kuma_alerts import proxy_url, take_maintenance, take_notifications
from monitor.importers._kuma_checks import take_check
from monitor.importers._kuma_source import Row, Source, by_second, read_source
from monitor.importers._secrets import is_secret_name
from monitor.syntax.duration import format_duration

HELP = "a backup (JSON), the database (kuma.db) or a dump (MariaDB) of Uptime Kuma"
WANTED = "a monitor other than a group, in monitorList of a backup or in the table monitor"

_INTERVAL = 60.0
_DEEPEST = 20
"""Limit of the depth of nested groups."""
_OF_THE_PAGE = (
    *(
        "id",
        "userid",
        "weight",
        "createddate",
        "path",
        "pathname",
        "childrenids",
        "maintenance",
        "screenshot",
    ),
    *(
        "forceinactive",
        "includesensitivedata",
        "dnslastresult",
        "type",
        "name",
        "active",
        "parent",
        "customurl",
    ),
    *(
        "saveerrorresponse",
        "responsemaxlength",
        "pingcount",
        "pingnumeric",
    ),
)
"""Settings that say nothing about the check."""
_USUAL: Mapping[str, object] = {
    "packetsize": 56,
    "mqttchecktype": "keyword",
    "maxredirects": 10,
    "method": "GET",
    "dnsresolvetype": "A",
    "dnsresolveserver": "1.1.1.1",
    "ntpstratumthreshold": 5,
    "ntptimeoffsetthreshold": 1000,
    "ntprootdispersionthreshold": 500,
    "kafkaproducersasloptions": '{"mechanism": "None"}',
    "snmpversion": "2c",
    "jsonpath": "$",
    "jsonpathoperator": "==",
    "gamediggivenportonly": 1,
    "expirynotification": 1,
    "domainexpirynotification": 1,
    "acceptedstatuscodesjson": '["200-299"]',
    "oauthauthmethod": "client_secret_basic",
    "databaseconnectionstring": "",
    "url": "https://",
    "conditions": "[]",
    "rabbitmqnodes": "[]",
    "kafkaproducerbrokers": "[]",
    "httpbodyencoding": "json",
    "pingperrequesttimeout": 2,
    "retryinterval": 0,
    "resendinterval": 0,
}
"""Defaults that the form fills in for every type; dropping them loses nothing."""


def convert(file: Path, draft: Draft, modules: Path | None) -> None:
    """Fill ``draft`` from ``file``."""
    if modules is not None:
        raise UsageError("--modules belongs to 'monitor import prometheus'")
    source = read_source(file)
    for key, reason in source.left.items():
        draft.top.note(key, reason)
    found, members = _found(source), _members(source)
    senders = {one for one, _ in source.sent_to}
    source.sent_to, source.maintained = _spread(source.sent_to, members), _spread(source.maintained, members)
    paused = {id for row in source.monitors if _is_paused(row) for id in members.get(str(row.get("id")), [])}
    blocks: dict[str, Block] = {}
    resend: dict[str, float] = {}
    for row in source.monitors:
        if row.get("type") != "group":
            blocks[str(row.get("id"))] = _monitor(row, found, draft, resend)
        elif row.get("id") is not None:
            _group_itself(row, members, str(row["id"]) in senders, draft)
    for id in paused & blocks.keys():
        blocks[id].keys["enabled"] = False
    take_notifications(source, blocks, resend, draft)
    take_maintenance(source, blocks, draft)


class _Found(NamedTuple):
    """The objects that monitors refer to."""

    groups: Mapping[str, str]
    """Id -> name, with the names of the groups around it."""
    proxies: Mapping[str, Row]
    """By id."""
    tags: Mapping[str, list[str]]
    """By the monitor's id."""


def _found(source: Source) -> _Found:
    tags = by_second((_tag(tag), str(tag.get("monitorid"))) for tag in source.tags if tag.get("name"))
    proxies = {str(row.get("id")): row for row in reversed(source.proxies)}
    return _Found(_groups(source), proxies, tags)


def _groups(source: Source) -> dict[str, str]:
    """The name of each group by its id, with those around it: ``shop / web``."""
    rows = {str(row.get("id")): row for row in source.monitors if row.get("type") == "group"}

    def path(id: str, seen: frozenset[str]) -> list[str]:
        row = rows.get(id)
        if row is None or id in seen:
            return []
        return [*path(str(row.get("parent")), seen | {id}), str(row.get("name") or "group")]

    return {id: " / ".join(path(id, frozenset())[-10:]) for id in rows}


def _members(source: Source) -> dict[str, list[str]]:
    """The ids of the monitors in each group, and in the groups within it."""
    parents = {str(row.get("id")): str(row.get("parent")) for row in source.monitors}
    kinds = {str(row.get("id")): row.get("type") for row in source.monitors}
    found: dict[str, list[str]] = {id: [] for id, kind in kinds.items() if kind == "group"}
    for id, parent in parents.items():
        above: list[str] = []
        while kinds[id] != "group" and parent in found and parent not in above and len(above) < _DEEPEST:
            above.append(parent)
            found[parent].append(id)
            parent = parents[parent]
    return found


def _spread(links: list[tuple[str, str]], members: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The same links, those of a group as links of each monitor in it."""
    return list(dict.fromkeys((id, other) for one, other in links for id in members.get(one, [one])))


def _is_paused(row: Row) -> bool:
    return row.get("type") == "group" and str(row.get("active", 1)).lower() in ("0", "false")


def _group_itself(row: Row, members: Mapping[str, list[str]], sends: bool, draft: Draft) -> None:
    own = Fields(row, draft.top.note, f"group {row.get('name')}")
    if not members[str(row.get("id"))]:
        own.note("", "holds no monitor")
    if _is_paused(row):
        own.note("active", "the group was paused; its endpoints are not enabled")
    own.lose("a group has none", "description")
    if sends:
        own.note("notificationidlist", "each endpoint of the group sends its own message")


def _monitor(row: Row, found: _Found, draft: Draft, resend: dict[str, float]) -> Block:
    block = draft.endpoint(str(row.get("name") or ""))
    own = Fields({key: value for key, value in row.items() if not _is_usual(key, value)}, block.note)
    if group := found.groups.get(str(row.get("parent"))):
        block.keys["group"] = group
    if own.text("description"):
        block.keys["description"] = own.text("description")
    take_check(own, block, draft.secrets)
    _times(own, block, row, resend)
    if not Fields(row, block.note).flag("active", True):
        block.keys["enabled"] = False
    if tags := found.tags.get(str(row.get("id"))):
        block.keys["tags"] = tags
    _network(own, block, found.proxies, draft)
    if own.flag("upsidedown"):
        block.keys["enabled"] = False
        own.note(
            "upsidedown",
            "a check that passes while the server is down does not exist here; it is not enabled",
        )
    own.skip(*_OF_THE_PAGE)
    own.lose("the registration of a domain is not checked here", "domainexpirynotification")
    own.lose("every failed check counts", "retryonlyonstatuscodefailure")
    own.lose("answers are not kept", "saveresponse")
    if str(block.keys.get("url", "")).startswith("push:"):
        draft.settings.keys.setdefault("listen", "127.0.0.1:9315")
    if block.refused:
        own.skip(*(key for key in own.all if is_secret_name(key)))
    own.leftovers()
    return block


def _is_usual(key: str, value: object) -> bool:
    usual = key not in ("expirynotification", "dnsresolveserver", "dnsresolvetype", "acceptedstatuscodesjson")
    return usual and key in _USUAL and str(value) == str(_USUAL[key])


def _times(own: Fields, block: Block, row: Row, resend: dict[str, float]) -> None:
    interval = own.seconds("interval") or _INTERVAL
    block.keys["interval"] = format_duration(interval)
    if retry := own.seconds("retryinterval"):
        block.keys["retry_interval"] = format_duration(retry)
    timeout = own.number("timeout")
    block.keys["timeout"] = format_duration(timeout if timeout and timeout > 0 else interval * 0.8)
    block.keys["down_after"] = max(own.count("maxretries") or 0, 0) + 1
    block.keys["up_after"] = 1
    if not retry:
        keep_pace(block)
    every = own.count("resendinterval")
    if every and every > 0:
        resend[str(row.get("id"))] = every * interval


def _tag(tag: Row) -> str:
    return f"{tag['name']}:{tag['value']}" if tag.get("value") else str(tag["name"])


def _network(own: Fields, block: Block, proxies: Mapping[str, Row], draft: Draft) -> None:
    family = {"ipv4": 4, "ipv6": 6}.get(own.text("ipfamily"))
    if family:
        block.keys["ip_version"] = family
    chosen = own.text("proxyid")
    proxy = proxies.get(chosen) if chosen else None
    if proxy is not None:
        block.keys["proxy"] = proxy_url(proxy, draft)
    elif chosen:
        own.note("proxyid", "there is no such proxy")
