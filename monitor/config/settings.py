"""The ``[monitor]`` table."""

from __future__ import annotations

import grp
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from monitor.config.common import LIMITS
from monitor.config.convert import INVALID, Place, converted, described
from monitor.config.endpoints import draft
from monitor.config.history import RetentionTable, history_file, retention
from monitor.config.layers import Layer
from monitor.config.paths import is_folder, user_path
from monitor.fields import key
from monitor.model import Probe, Settings, Tokens
from monitor.redact import shown
from monitor.wire.hosts import host_on_wire


@dataclass(frozen=True, kw_only=True)
class TokensTable:
    """The ``monitor.tokens`` table."""

    read: str | None = key(
        "Required to read anything but /healthz. Default: none; then `listen` must be a loopback address.",
        default=None,
        example="${READ}",
    )
    write: str | None = key(
        "Required for changes. Default: the web address allows no changes.",
        default=None,
        example="${WRITE}",
    )


@dataclass(frozen=True, kw_only=True)
class MonitorTable:
    """The ``[monitor]`` table."""

    max_concurrency: int | None = key(
        "Limit of concurrent checks. Default: as the limit of open files allows.", default=None
    )
    connectivity: tuple[str, ...] = key(
        "URLs of canaries: while none answers, this machine is offline, and failures are inconclusive.",
        default=(),
        example=["tcp://10.0.0.1:443"],
    )
    history: str | None = key(
        'File of the history, or "off". Default: a file in the user\'s state folder.',
        default=None,
        example="/var/lib/monitor/history.db",
    )
    retention: RetentionTable | None = key("Retention of the history.", default=None)
    socket: str | None = key(
        "Socket of `monitor daemon`. Default: derived from the config's path, in"
        " $XDG_RUNTIME_DIR or /run/monitor.",
        default=None,
        example="/run/monitor/shop.sock",
    )
    socket_group: str | None = key(
        "Unix group that may attach to the daemon. Default: only the owner.", default=None, example="ops"
    )
    listen: str | None = key(
        "The web address: status page, metrics, API and heartbeats; off unless set.",
        default=None,
        example="127.0.0.1:9315",
    )
    tokens: TokensTable | None = key("Tokens for callers of the web address.", default=None)


def settings(value: Any, place: Place) -> Settings:
    """The settings in ``[monitor]``; complains of everything wrong in it."""
    if not isinstance(value, dict):
        place.complain(f"is {described(value)}; it must be a table, which begins with [monitor]")
        return Settings()
    found = converted(MonitorTable, value, place)
    table = MonitorTable(**{key: one for key, one in found.items() if one is not INVALID})
    complaint = None if table.max_concurrency is None else LIMITS["max_concurrency"](table.max_concurrency)
    if complaint:
        place.below("max_concurrency").complain(complaint)
    canaries = _canaries(table.connectivity, place.below("connectivity"))
    listen = None if table.listen is None else _address(table.listen, place.below("listen"))
    tokens = _tokens(table.tokens or TokensTable(), place.below("tokens"))
    if listen and not tokens.read and not is_loopback(listen[0]):
        place.below("listen").complain(_EXPOSED)
    if table.socket_group and not _has_group(table.socket_group):
        place.below("socket_group").doubt(
            "this machine has no such group; the daemon does not start without it"
        )
    return Settings(
        max_concurrency=table.max_concurrency,
        connectivity=canaries,
        socket=_socket(table.socket, place),
        socket_group=table.socket_group or "",
        listen=listen,
        tokens=tokens,
        history=history_file(table.history, place.below("history")),
        retention=retention(table.retention, place.below("retention")),
    )


_EXPOSED = (
    "can be reached from other machines, and anybody could read it; set tokens.read,"
    ' or listen on loopback only, as in "127.0.0.1:9315"'
)
_TOKEN = re.compile("[!-~]+")
_LONG_ENOUGH = 16
"""Characters that make a token safe from guesses: a right one works however many wrong ones came before."""


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except (KeyError, ValueError):
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address to listen on."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tokens(table: TokensTable, place: Place) -> Tokens:
    for kind, token in (("read", table.read), ("write", table.write)):
        if token is not None and not _TOKEN.fullmatch(token):
            place.below(kind).complain("must be ASCII letters, digits and signs, without blanks")
        elif token is not None and len(token) < _LONG_ENOUGH:
            place.below(kind).doubt(f"has fewer than {_LONG_ENOUGH} characters, so that it could be guessed")
    return Tokens(read=table.read or "", write=table.write or "")


def _socket(text: str | None, place: Place) -> str:
    """The absolute path of the socket; one in the config is relative to its file."""
    if text is None:
        return ""
    try:
        path = user_path(text, place.document.file.absolute().parent)
    except ValueError as error:
        place.below("socket").complain(str(error))
        return ""
    if not text.strip() or is_folder(path):
        place.below("socket").complain(
            f"is {text!r}; it must be the path of a socket, which the daemon makes"
        )
    return str(path)


def _address(text: str, place: Place) -> tuple[str, int] | None:
    """Host and port to listen on; an empty host is every address."""
    host, colon, port = text.rpartition(":")
    bare = host.strip("[]")
    try:
        if (
            not port.isdecimal()
            or int(port) > 65535
            or not colon
            or (":" in bare and not host.startswith("["))
        ):
            raise ValueError
        return bare and host_on_wire(bare), int(port)
    except ValueError:
        place.complain(f'{shown(text)!r} is no address to listen on; write one as "127.0.0.1:9315"')
        return None


def _canaries(urls: Sequence[str], place: Place) -> tuple[Probe, ...]:
    found = (_canary(url, place.below(at)) for at, url in enumerate(urls))
    return tuple(probe for probe in found if probe is not None)


def _canary(url: str, place: Place) -> Probe | None:
    """A canary is an endpoint with a URL and nothing else; its problems are named at its place."""
    return draft(Layer(place.document, place.path, {"url": url}), ()).probe
