"""What a new config changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Config


@dataclass(frozen=True)
class Difference:
    """Ids of endpoints, by what a new config means for them."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is different."""
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        """``+2 -1 ~3``, or ``no change``."""
        counts = (("+", self.added), ("-", self.removed), ("~", self.changed))
        return " ".join(f"{sign}{len(ids)}" for sign, ids in counts if ids) or "no change"


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
    )
