"""Permission to ping."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path

from monitor.doctor import Finding, Level, kinds
from monitor.model import Config

_RANGE = Path("/proc/sys/net/ipv4/ping_group_range")
_REMEDY = (
    "sysctl net.ipv4.ping_group_range='0 2147483647' (keep it in /etc/sysctl.d/), or give the interpreter the"
    " capability: setcap cap_net_raw+ep PYTHON; in a systemd unit: AmbientCapabilities=CAP_NET_RAW"
)


def examine(config: Config) -> Iterable[Finding]:
    unprivileged = _opens(socket.SOCK_DGRAM)
    yield judged(unprivileged, _opens(socket.SOCK_RAW), needed="icmp" in kinds(config))


def judged(unprivileged: bool, raw: bool, *, needed: bool) -> Finding:
    """Judge which of the two kinds of sockets are available."""
    if unprivileged:
        return Finding(Level.OK, f"pings are permitted without privileges (ping_group_range {_range()})")
    if raw:
        return Finding(Level.OK, "pings are permitted by CAP_NET_RAW")
    if needed:
        return Finding(Level.BAD, "pings are not permitted, and the config has icmp endpoints", _REMEDY)
    return Finding(Level.WARN, "pings are not permitted; icmp endpoints would be inconclusive", _REMEDY)


def _opens(kind: socket.SocketKind) -> bool:
    try:
        socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True


def _range() -> str:
    try:
        return "-".join(_RANGE.read_text().split())
    except OSError:
        return "not known"
