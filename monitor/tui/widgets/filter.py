"""The filter's input: each letter takes effect at once, enter keeps the filter, escape drops it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from monitor.tui.widgets.prompt import Prompt


class FilterInput(Prompt):
    """The arrow keys keep the filter too, and return to the list."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down,up", "keep", "keep the filter")]

    def __init__(
        self, placeholder: str = "words  glob*  !not  group:shop  state:down  latency>200  cert<14  ~regex"
    ) -> None:
        super().__init__(placeholder)
