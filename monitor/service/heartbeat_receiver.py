"""Heartbeats from the web address: find the endpoint and check the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from monitor.link.figures import Report, Reported
from monitor.model import Endpoint
from monitor.probe import awaited
from monitor.probes._heartbeats import CallError, Heartbeats, addressee, understood

_TAKEN = Reported(status=200, text="ok")
_NOBODY = Reported(status=404, text="no endpoint waits for this heartbeat")
_UNAUTHORIZED = Reported(
    status=401, text="this heartbeat needs its token: ?token=… or Authorization: Bearer …"
)
_FORBIDDEN = Reported(status=403, text="that is not the token of this heartbeat")


class HeartbeatReceiver:
    """Accepts heartbeats of the endpoints in force, and hands them to ``heartbeats``."""

    def __init__(self, heartbeats: Heartbeats, endpoints: Iterable[Endpoint] = ()) -> None:
        self._heartbeats = heartbeats
        self._tokens: dict[str, list[str | None]] = {}
        """The valid tokens, by heartbeat name."""
        self.use(endpoints)

    def use(self, endpoints: Iterable[Endpoint]) -> None:
        """Accept heartbeats of ``endpoints`` from now on."""
        self._tokens = {}
        for endpoint in endpoints:
            if (call := awaited(endpoint.probe)) is not None:
                self._tokens.setdefault(call.name, []).append(call.token)

    def report(self, request: Report) -> Reported:
        """Accept one heartbeat, or reject it with an HTTP status."""
        found = addressee(request.path.strip("/"), self._tokens)
        if found is None:
            return _NOBODY
        if not any(_matches(token, request.token) for token in self._tokens[found[0]]):
            return _FORBIDDEN if request.token else _UNAUTHORIZED
        try:
            call = understood(*found, {"status": request.status, "msg": request.note})
        except CallError as error:
            return Reported(status=422, text=str(error))
        self._heartbeats.take(call)
        return _TAKEN


def _matches(token: str | None, brought: str) -> bool:
    return token is None or hmac.compare_digest(token.encode(), brought.encode())
