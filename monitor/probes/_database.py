"""Shared by the checks of SQL databases: a login, a query, its rows and its first cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar
from urllib.parse import unquote

from monitor.errors import FieldError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation, value_of
from monitor.model import Hop, Reason
from monitor.probes._network import NetworkProbe
from monitor.redact import shown
from monitor.text import decode
from monitor.trace import ANSWER_LIMIT, Trace
from monitor.wire.connection import Connection, prepare_tls
from monitor.wire.tls import DEFAULT, TlsOptions, ready_context

_MODES = ("disable", "prefer", "require", "verify-full")
_UNVERIFIED = TlsOptions(verify=False)

_NO_TLS = frozenset({Reason.TLS_ERROR, Reason.CONNECTION_RESET})
"""Reasons with which a handshake fails if a server offers TLS and cannot do it."""

Cells = Callable[[bytes], Sequence[bytes | None]]


class NoTlsError(ProbeError):
    """TLS was preferred and offered, but failed, or the server refuses logins over it."""


@dataclass
class Table:
    """The result of a query: the number of rows, the first cell, and the first few rows as text."""

    cells: Cells
    rows: int = 0
    value: str | None = None
    _lines: list[str] = field(default_factory=list)
    _room: int = ANSWER_LIMIT

    def add(self, row: bytes) -> None:
        """Count a row, and keep it as long as there is room."""
        if self._room > 0:
            self._keep(self.cells(row))
        self.rows += 1

    def _keep(self, cells: Sequence[bytes | None]) -> None:
        texts = [None if cell is None else decode(cell) for cell in cells]
        if not self.rows and texts:
            self.value = texts[0]
        line = " | ".join("NULL" if text is None else text for text in texts)[: self._room]
        self._lines.append(line)
        self._room -= len(line) + 1

    def note(self, trace: Trace) -> str:
        """Note the facts in ``trace``. Return the number of rows in words."""
        trace.facts["rows"] = self.rows
        trace.answer = "\n".join(self._lines)
        if self.rows:
            trace.facts["value"] = self.value
        return f"{self.rows} row{'' if self.rows == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class DatabaseProbe(NetworkProbe):
    """A check that logs in and runs a query.

    TLS follows PostgreSQL's own clients: ``?sslmode=prefer`` (the default) uses it if the
    server offers it, does without if it fails, and verifies the certificate only for
    ``verify-full``. With a ``tls`` table, TLS is required and done as that says, which by default
    verifies.
    """

    default_user: ClassVar[str]
    url_options: ClassVar[tuple[str, ...] | None] = ("sslmode",)

    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "rows": value_of("rows", "How many rows the query returns: a matcher."),
        "value": value_of("value", "The first cell of the result: a matcher."),
        "certificate": CERTIFICATE,
    }

    query: str = key("Query to run after the login.", default="SELECT 1", example="SELECT count(*) FROM jobs")
    tls: TlsOptions | None = key(
        "TLS settings; TLS is then required. Default: as `sslmode` in the URL says.", default=None
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.mode
        if not self.query.strip() or "\0" in self.query:
            raise FieldError("query", "is empty, or holds a NUL character")
        if "\0" in "".join((*self.login, self.database)):
            raise FieldError("url", "holds a NUL character")

    @cached_property
    def mode(self) -> str:
        """``disable``, ``prefer``, ``require`` or ``verify-full``."""
        mode = self.options.get("sslmode", "prefer" if self.tls is None else "verify-full")
        if mode not in _MODES:
            raise FieldError("url", f"sslmode is one of {', '.join(_MODES)}")
        if mode == "disable" and self.tls is not None:
            raise FieldError("url", "sslmode is disable, while there are settings for TLS in `tls`")
        return mode

    @property
    def tls_required(self) -> bool:
        return self.tls is not None or self.mode in ("require", "verify-full")

    @property
    def tls_options(self) -> TlsOptions:
        """The settings of TLS, if it is used."""
        return self.tls or (DEFAULT if self.mode == "verify-full" else _UNVERIFIED)

    def prepare(self) -> None:
        if self.mode != "disable":
            prepare_tls(self.tls_options)

    @cached_property
    def login(self) -> tuple[str, str]:
        """User and password."""
        user, password = self.credentials or ("", "")
        return user or self.default_user, password

    @cached_property
    def database(self) -> str:
        """The database named in the URL; empty for none."""
        return unquote(self.parts.path[1:])

    async def check(self, trace: Trace) -> str:
        trace.asked = f"{shown(self.query)}\non {self.target}"
        try:
            return await self.converse(trace, tls=self.mode != "disable")
        except NoTlsError as error:
            over_tls = error
            hop = Hop(asked="TLS", answered=error.message, address=trace.address, latency_ms=trace.latency_ms)
            trace.hops.append(hop)
        try:
            return await self.converse(trace, tls=False)
        except ProbeError as error:
            if not error.reason is over_tls.reason is Reason.AUTH_ERROR:
                raise
            raise ProbeError(error.reason, f"{error.message}; over TLS: {over_tls.message}") from None

    async def converse(self, trace: Trace, *, tls: bool) -> str:
        """Log in and query on a new connection, over TLS if the server offers it. Return the message to show.

        Raises :class:`NoTlsError` if an attempt without TLS may succeed.
        """
        raise NotImplementedError

    async def secure_as_asked(self, connection: Connection, trace: Trace) -> None:
        """Turn TLS on. Verify the certificate only if the config asks for it."""
        trace.enter(None)
        made = ready_context(self.tls_options)
        trace.skip_gap()
        try:
            await connection.start_tls(made, self.tls_options.server_name or self.host, trace)
        except ProbeError as error:
            if self.tls_required or error.reason not in _NO_TLS:
                raise
            raise NoTlsError(error.reason, error.message) from None
