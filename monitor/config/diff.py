"""What a new config changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Config


@dataclass(frozen=True)
class Difference:
    """What a new config means: for endpoints, by their ids, and for dashboards."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    dashboard: bool = False
    """Whether dashboards are to look different."""

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self.added or self.removed or self.changed or self.dashboard)

    def __str__(self) -> str:
        """``+2 -1 ~3 dashboard``, or ``no change``."""
        counts = (("+", self.added), ("-", self.removed), ("~", self.changed))
        parts = [f"{sign}{len(ids)}" for sign, ids in counts if ids]
        return " ".join([*parts, *(["dashboard"] if self.dashboard else [])]) or "no change"


def diff(old: Config, new: Config) -> Difference:
    """What becomes of each endpoint when ``new`` replaces ``old``."""
    before = {endpoint.id: endpoint for endpoint in old.endpoints}
    after = {endpoint.id: endpoint for endpoint in new.endpoints}
    both = before.keys() & after.keys()
    unchanged = frozenset(id for id in both if before[id] == after[id])
    return Difference(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        changed=frozenset(both - unchanged),
        unchanged=unchanged,
        dashboard=old.dashboard != new.dashboard,
    )
