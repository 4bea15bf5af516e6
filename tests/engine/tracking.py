"""Builders of tracked endpoints and their results."""

from typing import Any

from virtual import endpoint

from monitor.engine.tracked import Tracked
from monitor.model import Reason, Result, Status


def record(name: str = "shop", **keys: Any) -> Tracked:
    return Tracked(4, endpoint(name, **keys), 60, 1000.0)


def result(status: Status = Status.UP, **keys: Any) -> Result:
    failed = status is Status.DOWN
    usual: dict[str, Any] = {
        "reason": Reason.CONNECTION_REFUSED if failed else None,
        "message": "refused" if failed else "200 OK",
        "checked_at": 1000.0,
        "latency_ms": None if failed else 40.0,
    }
    return Result(endpoint="shop", status=status, **{**usual, **keys})


def fed(tracked: Tracked, *results: Result) -> Tracked:
    for one in results:
        tracked.learn(one)
        if tracked.judged is not tracked.state:
            tracked.turn(tracked.judged, 1000.0)
    return tracked
