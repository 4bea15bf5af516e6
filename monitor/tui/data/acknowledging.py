"""The note of an acknowledgement, as an operator writes it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.link.messages import Acknowledge
from monitor.syntax.duration import parse_duration
from monitor.tui.data.whoami import user_name

_WITH_TIME = re.compile(r"for\s+(\d\S*[a-z])(?:\s+|$)(.*)", re.IGNORECASE)


def acknowledge(handles: Iterable[int], text: str) -> Acknowledge:
    """The command for these endpoints: ``for 2h the switch`` ends it after two hours; without, when it is up.

    A text that begins otherwise, such as ``for 3 customers``, is all note.
    """
    lasting, note = _read(text.strip())
    return Acknowledge(handles=tuple(handles), by=user_name(), note=note, lasting=lasting)


def _read(text: str) -> tuple[float | None, str]:
    found = _WITH_TIME.fullmatch(text)
    if found is None:
        return None, text
    try:
        return parse_duration(found[1]) or None, found[2]
    except ValueError:
        return None, text
