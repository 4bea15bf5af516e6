"""Which endpoints depend on which."""

from __future__ import annotations

from collections.abc import Collection

from monitor.engine.watched import Watched


def relate(every: Collection[Watched]) -> None:
    """Let endpoints know what they depend on, and what depends on them; a config names no other ones."""
    by_name = {watched.endpoint.name: watched for watched in every}
    for watched in every:
        watched.dependents = []
    for watched in every:
        needed = (by_name.get(name) for name in watched.endpoint.depends_on)
        watched.dependencies = tuple(filter(None, needed))
        for one in watched.dependencies:
            one.dependents.append(watched)
