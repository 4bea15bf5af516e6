"""TLS: a handshake and the verification of what the server shows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, LocalError
from monitor.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.fields import key
from monitor.probes._network import NetworkProbe
from monitor.trace import Trace
from monitor.wire.starttls import Protocol, starttls
from monitor.wire.tls import DEFAULT, TlsOptions, context


@dataclass(frozen=True, kw_only=True)
class Tls(NetworkProbe):
    """Makes a TLS handshake and verifies the certificate."""

    kind: ClassVar[str] = "tls"
    schemes: ClassVar[tuple[str, ...]] = ("tls",)
    default_port: ClassVar[int | None] = 443
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    tls: TlsOptions = key("TLS settings.", default=DEFAULT)
    starttls: Protocol | None = key(
        "Protocol in which to ask for TLS first (phase `starttls`).", default=None
    )

    async def check(self, trace: Trace) -> str:
        try:
            made = context(self.tls)
        except FieldError as error:
            raise LocalError(str(error)) from None
        trace.asked = f"TLS handshake with {self.target}"
        with await self.connect(trace) as connection:
            if self.starttls is not None:
                trace.enter("starttls")
                await starttls(self.starttls, connection)
            await connection.start_tls(made, self.tls.server_name or self.host, trace)
            trace.enter(None)
        return _message(trace)


def _message(trace: Trace) -> str:
    version = trace.tls.partition(" ")[0]
    if trace.certificate is None:
        return version
    days = trace.certificate.days_left(time.time())
    return f"{version}, certificate valid for {days:.0f} days"
