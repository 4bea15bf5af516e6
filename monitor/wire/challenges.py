"""Challenges of ``WWW-Authenticate`` (RFC 9110, 11.6.1): several headers, or several in one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_TOKEN = r"[^\s,=\"]+"  # noqa: S105 -- a pattern
_PART = re.compile(
    rf"[\s,]*(?:(?P<name>{_TOKEN})\s*=\s*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"?|(?P<bare>[^\s,]*))"
    rf"|(?P<scheme>{_TOKEN})(?:[ \t]+(?P<word>[A-Za-z0-9._~+/-]+=*)(?=\s*(?:,|$)))?)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MOST = 32
"""Limit of challenges and parameters to read."""


@dataclass
class Challenge:
    """One scheme and its parameters, both in lower case."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse(values: Iterable[str]) -> list[Challenge]:
    """The challenges in these headers that can be read."""
    return [challenge for value in values for challenge in _parse_one(value)]


def _parse_one(value: str) -> list[Challenge]:
    challenges: list[Challenge] = []
    at = 0
    for _ in range(_MOST):
        found = _PART.match(value, at)
        if found is None:
            break
        at = found.end()
        if found["scheme"]:
            challenges.append(Challenge(found["scheme"].lower()))
        elif challenges:
            quoted = found["quoted"]
            said = found["bare"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            challenges[-1].parameters.setdefault(found["name"].lower(), said)
    return challenges
