"""Limits of a DNS answer: what a library takes seconds to read is refused before. Pure.

An answer of 64 KiB may hold thousands of records whose names are pointers to one name of 127 labels, and
reading each of them takes milliseconds.
"""

from __future__ import annotations

import re

from monitor.errors import ProbeError
from monitor.model import Reason

MOST_RECORDS = 2048
MOST_LABELS = 40
"""Labels of a name that others point to; those of ``ip6.arpa`` have 34."""

_HEADER = 12
_POINTER = re.compile(rb"(?=([\xc0-\xff].))", re.DOTALL)
_COUNTS = slice(6, 8), slice(8, 10), slice(10, 12)


def check_limits(data: bytes) -> None:
    """ProbeError ``protocol_error`` for an answer that is beyond the limits."""
    if sum(int.from_bytes(data[count], "big") for count in _COUNTS) > MOST_RECORDS:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer has more than {MOST_RECORDS} records")
    targets = {int.from_bytes(found[1], "big") & 0x3FFF for found in _POINTER.finditer(data, _HEADER)}
    if any(_has_long_name(data, target) for target in targets):
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer has a name of more than {MOST_LABELS} labels")


def _has_long_name(data: bytes, at: int) -> bool:
    """Whether the name that begins ``at`` a byte, if that is one, has too many labels (RFC 1035, 4.1.4)."""
    labels = 0
    while _HEADER <= at < len(data) - 1 and labels <= MOST_LABELS:
        length = data[at]
        if length >= 0xC0:
            target = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
            at = target if target < at else len(data)
        elif 0 < length < 0x40:
            labels += 1
            at += 1 + length
        else:
            break
    return labels > MOST_LABELS
