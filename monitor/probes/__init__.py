"""The kinds of check. One module a kind, one line a kind in ``KINDS``.

Modules are imported when a config first names their kind, so that nobody pays for a client library
that is not used. Third parties add kinds through the entry-point group ``monitor.probes``: the
entry point's name is the kind, its value a :class:`monitor.probe.BaseProbe` subclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from monitor.probe import BaseProbe

KINDS: Mapping[str, str] = {
    "http": "monitor.probes.http:Http",
    "tcp": "monitor.probes.tcp:Tcp",
    "tls": "monitor.probes.tls:Tls",
    "dns": "monitor.probes.dns:Dns",
    "icmp": "monitor.probes.icmp:Icmp",
    "exec": "monitor.probes.exec:Exec",
    "udp": "monitor.probes.udp:Udp",
    "redis": "monitor.probes.redis:Redis",
    "smtp": "monitor.probes.smtp:Smtp",
    "ssh": "monitor.probes.ssh:Ssh",
    "mqtt": "monitor.probes.mqtt:Mqtt",
    "amqp": "monitor.probes.amqp:Amqp",
    "nats": "monitor.probes.nats:Nats",
    "ldap": "monitor.probes.ldap:Ldap",
    "websocket": "monitor.probes.websocket:WebSocket",
    "grpc": "monitor.probes.grpc:Grpc",
    "postgres": "monitor.probes.postgres:Postgres",
    "mysql": "monitor.probes.mysql:Mysql",
    "push": "monitor.probes.push:Push",
}
"""Kind -> where its probe class lives."""

SCHEMES: Mapping[str, str] = {
    "http": "http",
    "https": "http",
    "tcp": "tcp",
    "tls": "tls",
    "dns": "dns",
    "icmp": "icmp",
    "exec": "exec",
    "udp": "udp",
    "redis": "redis",
    "rediss": "redis",
    "smtp": "smtp",
    "smtps": "smtp",
    "ssh": "ssh",
    "mqtt": "mqtt",
    "mqtts": "mqtt",
    "amqp": "amqp",
    "amqps": "amqp",
    "nats": "nats",
    "nats+tls": "nats",
    "ldap": "ldap",
    "ldaps": "ldap",
    "ws": "websocket",
    "wss": "websocket",
    "grpc": "grpc",
    "grpcs": "grpc",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "push": "push",
}
"""URL scheme -> kind, for the kinds built in. A test holds it against the classes' own ``schemes``."""


@cache
def _plugins() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="monitor.probes")}


@cache
def probe_class(kind: str) -> type[BaseProbe]:
    """The probe class of ``kind``; KeyError when there is none."""
    if kind in KINDS:
        module, _, name = KINDS[kind].partition(":")
        found = getattr(import_module(module), name)
    else:
        found = _plugins()[kind].load()
    if not issubclass(found, BaseProbe):
        raise TypeError(f"the probe kind {kind!r} is not a BaseProbe: {found!r}")
    return cast("type[BaseProbe]", found)


@cache
def schemes() -> Mapping[str, str]:
    """The kind of check of each URL scheme; plugins cannot replace built-in ones."""
    plugged = {
        scheme: kind for kind in _plugins() if kind not in KINDS for scheme in probe_class(kind).schemes
    }
    return {**plugged, **SCHEMES}


def kinds() -> tuple[str, ...]:
    """Every kind that can be checked here, built in ones first."""
    return (*KINDS, *(kind for kind in _plugins() if kind not in KINDS))
