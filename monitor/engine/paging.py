"""Answers about very many endpoints, in parts: each is a few milliseconds of work, which checks can bear."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

AT_ONCE = 250
"""Endpoints told of in one answer."""


def page(handles: Iterable[int], after: int) -> tuple[list[int], int | None]:
    """The next of ``handles`` above ``after``, and the one to ask on from; None: these are the last ones."""
    ordered = sorted(handles)  # as they nearly are already, which makes it quick
    first = bisect_right(ordered, after)
    chosen = ordered[first : first + AT_ONCE]
    return chosen, chosen[-1] if len(chosen) == AT_ONCE else None
