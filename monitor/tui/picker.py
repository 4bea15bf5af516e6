"""Choices or a question in the bottom line, decided by the next key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """One letter and its action."""

    key: str
    does: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Picker:
    """Choices by one letter each; any other key cancels. A ``question`` is shown instead of them."""

    picks: Sequence[Pick]
    question: str = ""

    @property
    def hints(self) -> tuple[tuple[str, str], ...]:
        """The choices as a footer shows them."""
        return tuple((pick.key, pick.does) for pick in self.picks)

    def take(self, key: str) -> None:
        """Run the action of ``key``."""
        for pick in self.picks:
            if pick.key == key:
                pick.run()
