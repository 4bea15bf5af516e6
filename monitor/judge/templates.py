"""Templates of a message's title and text: ``{state}: {name}``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

FIELDS: Mapping[str, str] = {
    "alert": "the alert's name",
    "kind": "down, up, degraded, flapping, certificate, reminder, digest or test",
    "title": "the default title",
    "message": "the default text",
    "name": "the endpoint's name; of several: the names, separated by commas",
    "group": "the endpoint's group",
    "tags": "the endpoint's tags, separated by commas",
    "target": "the endpoint's URL, without its password",
    "state": "the endpoint's state; of several: the states, separated by commas",
    "reason": "why it is not up, as in a result",
    "cause": "the first failure's message",
    "count": "how many endpoints the message is about",
    "duration": "how long the incident lasted, or has lasted",
    "began": "when the incident began, ISO 8601, UTC",
    "at": "when the message was made, ISO 8601, UTC",
    "runbook": "the endpoint's runbook",
    "description": "the endpoint's description",
    "id": "the message's id",
}
"""The fields allowed between braces, and their values."""


def check_template(template: str) -> None:
    """Raise ValueError if ``template`` is malformed, or has an unknown field."""
    for name, spec, conversion in _fields(template):
        if name not in FIELDS or spec or conversion:
            written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            raise ValueError(f"has {{{written}}}; the fields are {', '.join(FIELDS)}")


def _fields(template: str) -> list[tuple[str, str | None, str | None]]:
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"is no template ({error}); a brace that is meant is written twice: {{{{") from None
    return [(name, spec, conversion) for _, name, spec, conversion in parsed if name is not None]


def fill_template(template: str, values: Mapping[str, str]) -> str:
    """``template`` with its fields replaced; text inside a value is never a field."""
    return "".join(
        text + ("" if name is None else values[name]) for text, name, _, _ in Formatter().parse(template)
    )
