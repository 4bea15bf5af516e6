"""What the next key decides: choices, or a question, in the bottom line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """One letter and what it does."""

    key: str
    does: str
    run: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Picker:
    """Choices by one letter each; any other key chooses nothing. A ``question`` stands in their place."""

    picks: Sequence[Pick]
    question: str = ""

    @property
    def hints(self) -> tuple[tuple[str, str], ...]:
        """The choices for a footer."""
        return tuple((pick.key, pick.does) for pick in self.picks)

    def take(self, key: str) -> None:
        """Do what ``key`` chooses."""
        for pick in self.picks:
            if pick.key == key:
                pick.run()
