"""The difference between two configs. Pure."""

from __future__ import annotations

from monitor.model import Config, Difference


def diff(old: Config, new: Config) -> Difference:
    """The endpoints that are added, removed, changed or kept when ``new`` replaces ``old``."""
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
        alerts=(old.alerts, old.maintenance) != (new.alerts, new.maintenance),
    )
