"""Prometheus's relabelling: rules that make, change and drop the labels of a target. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.importers._fields import Fields

_SEARCH_SECONDS = 0.1
_LONGEST = 1 << 16


class RelabelError(Exception):
    """A rule that cannot be carried out here, and why."""


def relabel(labels: Mapping[str, str], rules: Sequence[Fields]) -> dict[str, str] | None:
    """The labels after every rule; None where one of them drops the target."""
    current = dict(labels)
    for rule in rules:
        changed = _apply(current, rule)
        if changed is None:
            return None
        current = {name: value for name, value in changed.items() if value}
    return current


def _apply(labels: dict[str, str], rule: Fields) -> dict[str, str] | None:
    action = rule.text("action", "replace").lower()
    pattern = _compiled(rule.text("regex", "(.*)"))
    source = rule.text("separator", ";").join(labels.get(name, "") for name in rule.texts("source_labels"))
    target, replacement = rule.text("target_label"), rule.text("replacement", "$1")
    if action == "replace":
        return _replaced(labels, _match(pattern, source), target, replacement)
    if action in ("keep", "drop"):
        return labels if (_match(pattern, source) is not None) is (action == "keep") else None
    if action in ("lowercase", "uppercase"):
        return {**labels, target: source.lower() if action == "lowercase" else source.upper()}
    if action in ("keepequal", "dropequal"):
        return labels if (labels.get(target, "") == source) is (action == "keepequal") else None
    if action in ("labeldrop", "labelkeep"):
        kept = action == "labelkeep"
        return {name: value for name, value in labels.items() if (_match(pattern, name) is not None) is kept}
    if action == "labelmap":
        return labels | {
            _expand(found, replacement): value
            for name, value in labels.items()
            if (found := _match(pattern, name)) is not None
        }
    raise RelabelError(f"the action {action!r} is not carried out here")


def _replaced(labels: dict[str, str], found: Any, target: str, replacement: str) -> dict[str, str]:
    if found is None:
        return labels
    return {**labels, _expand(found, target): _expand(found, replacement)}


def _compiled(pattern: str) -> Any:
    import regex

    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError):
        raise RelabelError("a regex is not valid here") from None


def _match(pattern: Any, text: str) -> Any:
    try:
        return pattern.fullmatch(text, timeout=_SEARCH_SECONDS)
    except TimeoutError:
        raise RelabelError("a regex takes too long") from None


def _expand(found: Any, template: str) -> str:
    """``template`` with ``$1``, ``${1}`` and ``${name}`` as they matched; ``$$`` is a dollar sign."""
    import regex

    def one(part: Any) -> str:
        name = part[1] or part[2]
        if name is None:
            return "$"
        try:
            return found[int(name) if name.isdecimal() else name] or ""
        except (IndexError, ValueError):
            return ""

    expanded: str = regex.sub(r"\$(?:\$|\{(\w+)\}|(\w+))", one, template)
    if len(expanded) > _LONGEST:
        raise RelabelError("a label becomes too long")
    return expanded
