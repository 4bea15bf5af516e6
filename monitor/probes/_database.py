"""What checks of SQL databases share: a login, a query, its rows and its first cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from urllib.parse import parse_qsl, unquote

from monitor.errors import FieldError
from monitor.expectations import CERTIFICATE, LATENCY, ROWS, VALUE, Expectation
from monitor.fields import key
from monitor.probe import split_url
from monitor.probes._network import TlsProbe
from monitor.trace import Trace
from monitor.wire.connection import Connection
from monitor.wire.tls import DEFAULT, TlsOptions, context

_MODES = ("disable", "prefer", "require", "verify-full")
_UNVERIFIED = TlsOptions(verify=False)


@dataclass
class Table:
    """What a query gave: how many rows, and the first cell of the first one."""

    rows: int = 0
    value: str | None = None

    def add(self, first_cell: str | None) -> None:
        """One more row."""
        if not self.rows:
            self.value = first_cell
        self.rows += 1

    def note(self, trace: Trace) -> str:
        """Give the facts to ``trace``; how many rows, in words."""
        trace.facts["rows"] = self.rows
        if self.rows:
            trace.facts["value"] = self.value
        return f"{self.rows} row{'' if self.rows == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class DatabaseProbe(TlsProbe):
    """A check that logs in and runs a query.

    TLS as PostgreSQL's own clients have it: ``?sslmode=prefer`` (the default) takes it where the
    server offers it, and verifies the certificate only for ``verify-full``, or with a ``tls`` table.
    """

    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "rows": ROWS,
        "value": VALUE,
        "certificate": CERTIFICATE,
    }

    query: str = key("What to ask, once logged in.", default="SELECT 1", example="SELECT count(*) FROM jobs")

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.mode
        if not self.query.strip():
            raise FieldError("query", "is empty")

    @cached_property
    def mode(self) -> str:
        """``disable``, ``prefer``, ``require`` or ``verify-full``."""
        options = dict(parse_qsl(split_url(self.url).query))
        mode = options.pop("sslmode", "prefer" if self.tls == DEFAULT else "verify-full")
        if options:
            raise FieldError("url", f"has no option {min(options)!r}; there is ?sslmode={'|'.join(_MODES)}")
        if mode not in _MODES:
            raise FieldError("url", f"sslmode is one of {', '.join(_MODES)}")
        return mode

    @cached_property
    def database(self) -> str:
        """The database named in the URL; empty for none."""
        return unquote(split_url(self.url).path.strip("/"))

    async def secure_as_asked(self, connection: Connection, trace: Trace) -> None:
        """Turn TLS on, verified only where that was asked for."""
        if self.mode == "verify-full":
            await self.secure(connection, trace)
        else:
            await connection.start_tls(context(_UNVERIFIED), self.host, trace)
