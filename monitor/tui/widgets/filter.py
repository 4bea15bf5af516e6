"""Where a filter is typed: every letter counts at once, enter keeps it, escape drops it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from monitor.tui.widgets.prompt import Prompt


class FilterInput(Prompt):
    """The arrows, too, keep the filter: they lead back to what it lets through."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,up", "keep", "keep the filter")]

    def __init__(
        self, placeholder: str = "words  glob*  !not  group:shop  state:down  latency>200  cert<14  ~regex"
    ) -> None:
        super().__init__(placeholder)
