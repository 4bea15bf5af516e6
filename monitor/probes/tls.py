"""TLS: a handshake and the verification of the server's certificate."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.fields import key
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.probes._network import TlsProbe
from monitor.syntax.duration import format_validity
from monitor.trace import Phase, Trace
from monitor.wire.starttls import PORTS, Protocol, starttls


@dataclass(frozen=True, kw_only=True)
class Tls(TlsProbe):
    """Makes a TLS handshake and verifies the certificate."""

    kind: ClassVar[str] = "tls"
    schemes: ClassVar[tuple[str, ...]] = ("tls",)
    default_port: ClassVar[int | None] = 443
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    starttls: Protocol | None = key(
        "Protocol for STARTTLS (phase `starttls`); the default port is that protocol's.",
        default=None,
    )

    @property
    def usual_port(self) -> int | None:
        return self.default_port if self.starttls is None else PORTS[self.starttls]

    @property
    def repeatable(self) -> bool:
        return True

    async def check(self, trace: Trace) -> str:
        trace.asked = f"TLS handshake with {self.target}"
        with await self.connect(trace) as connection:
            if self.starttls is not None:
                trace.enter(Phase.STARTTLS)
                await starttls(self.starttls, connection, self.tls.server_name or self.host)
            await self.secure(connection, trace)
            if self.tls.cert is not None:
                await connection.await_admission()
            trace.enter(None)
        return _message(trace)


def _message(trace: Trace) -> str:
    version = trace.tls.partition(" ")[0]
    if not trace.certificates:
        return version
    days = trace.certificates[-1].days_left(time.time())
    return f"{version}, certificate: {format_validity(days)}"
