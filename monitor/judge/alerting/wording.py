"""The title and the text of a message: the usual words, or the alert's templates. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from monitor.judge.alerting.conditions import BEGAN, ENDED
from monitor.judge.templates import fill_template
from monitor.model import Alert, Endpoint, Entry, Kind, Message
from monitor.syntax.duration import format_duration, iso_time
from monitor.text import plain

_NAMES = 5
_TITLE = 150
_STATES = {
    Kind.DOWN: "down",
    Kind.UP: "up again",
    Kind.DEGRADED: "degraded",
    Kind.FLAPPING: "flapping",
    Kind.CERTIFICATE: "with a certificate that expires soon",
    Kind.REMINDER: "still down",
    Kind.SLOWER: "slower than usual",
}
_MENTION = re.compile(r"(?<!\w)[@!](?=(?:all|channel|everyone|group|here|team)\b)|<(?=[@!#&])", re.IGNORECASE)
_ENDS = {Kind.FLAPPING: "no longer flapping", Kind.SLOWER: "no longer slower than usual"}


def write(
    message: Message,
    alert: Alert,
    endpoints: Mapping[str, Endpoint],
    redact: Callable[[str], str],
    *,
    listed: int = 20,
    paths: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Title and text of ``message``, fit to be shown anywhere that takes plain text.

    The default text lists ``listed`` endpoints, each on a line; with 1, the whole text is one line.
    ``paths`` says where the network paths of incidents, by id, end.
    """
    words = _Words(message, endpoints, redact, listed, paths or {})
    title, text = words.title(), words.text()
    if alert.title or alert.body:
        values = words.values(title, text)
        title = plain(fill_template(alert.title, values), _TITLE) if alert.title else title
        text = fill_template(alert.body, values) if alert.body else text
    return title, text


def iso_seconds(moment: float) -> str:
    """A moment for people: ISO 8601, UTC, whole seconds."""
    return iso_time(moment, "seconds")


class _Words:
    def __init__(
        self,
        message: Message,
        endpoints: Mapping[str, Endpoint],
        redact: Callable[[str], str],
        most: int,
        paths: Mapping[str, str],
    ) -> None:
        self._paths = paths
        self._most = most
        """Limit of endpoints that a text lists; it gives the number of the others."""
        self._message = message
        self._endpoints = endpoints
        self._redact = redact

    def _plain(self, text: str, limit: int = 200) -> str:
        return plain(self._redact(text), limit)

    def _heard(self, text: str) -> str:
        """Text that a server may have sent, without mentions, by which chat services notify people."""
        return _MENTION.sub(r"\g<0> ", self._plain(text))

    def _name(self, entry: Entry) -> str:
        known = self._endpoints.get(entry.endpoint)
        return self._plain(known.name if known else entry.endpoint, 80)

    # ── the usual words ─────────────────────────────────────────────────────────────────────────

    def title(self) -> str:
        """One line."""
        entries = self._message.entries
        if self._message.kind is Kind.TEST:
            return "Test message"
        if self._message.more:
            count = self._message.more
            return f"{count} more message{'s'[: count != 1]}: {self._counts()}"
        if len(entries) == 1:
            return plain(self._single(entries[0]), _TITLE)
        return self._counts()

    def _counts(self) -> str:
        """``3 endpoints are down`` or ``3 down, 2 up again``."""
        counts = Counter(map(_state, self._message.entries))
        if len(counts) == 1:
            ((state, count),) = counts.items()
            return f"{count} endpoint{'s' if count != 1 else ''} {'are' if count != 1 else 'is'} {state}"
        return ", ".join(f"{count} {state}" for state, count in counts.items())

    def _single(self, entry: Entry) -> str:
        name = self._name(entry)
        match entry.kind:
            case Kind.UP:
                return f"{name} is up again after {self._duration(entry)}"
            case Kind.REMINDER:
                return f"{name} is still down, for {self._duration(entry)}"
            case Kind.FLAPPING:
                return f"{name} is flapping" if entry.text == BEGAN else f"{name} no longer flaps"
            case Kind.CERTIFICATE:
                return f"{name}: the certificate expires soon"
            case Kind.SLOWER if entry.text != ENDED:
                return f"{name}: {self._heard(entry.text).partition(':')[0]}"
            case Kind.SLOWER:
                return f"{name} is {_ENDS[Kind.SLOWER]}"
        return f"{name} is {entry.kind}"

    def text(self) -> str:
        """A line for each endpoint, and their common properties."""
        if self._message.kind is Kind.TEST:
            return f"This is a test of the alert {self._plain(self._message.alert)!r}. Nothing is wrong."
        entries = self._message.entries
        lines = [self._line(entry) for entry in entries[: self._most]]
        more = f"… and {len(entries) - self._most} more" if len(entries) > self._most else ""
        if self._most == 1:
            return next(iter(self._cause()), f"{lines[0]} {more}".strip())
        lines += [more] if more else []
        return "\n".join([*self._cause(), *lines, *self._path(), *self._runbook()])

    def _cause(self) -> Iterable[str]:
        cause = self._message.cause
        if cause:
            yield f"In common: {self._heard(str(cause))} ({cause.count} endpoints)"

    def _path(self) -> Iterable[str]:
        """The end of the network path to the only endpoint, while it is down."""
        entries = self._message.entries
        if len(entries) == 1 and entries[0].kind in (Kind.DOWN, Kind.REMINDER):
            path = self._paths.get(entries[0].incident)
            if path:
                yield f"Network path: {self._heard(path)}"

    def _runbook(self) -> Iterable[str]:
        if len(self._message.entries) == 1:
            known = self._endpoints.get(self._message.entries[0].endpoint)
            if known and known.runbook and self._message.entries[0].kind is not Kind.UP:
                yield f"Runbook: {self._plain(known.runbook, 500)}"

    def _line(self, entry: Entry) -> str:
        name, said = self._name(entry), self._heard(entry.text)
        match entry.kind:
            case Kind.UP:
                began, ended = iso_seconds(entry.began or entry.at), iso_seconds(entry.ended or entry.at)
                return f"{name} was down from {began} to {ended} ({self._duration(entry)}){_because(said)}"
            case Kind.DOWN | Kind.REMINDER:
                since = iso_seconds(entry.at if entry.began is None else entry.began)
                return f"{name} is {_STATES[entry.kind]} since {since}{_because(said)}"
            case Kind.FLAPPING if entry.text == BEGAN:
                return f"{name} goes up and down again and again; it is {entry.state} now"
            case Kind.FLAPPING:
                return f"{name} no longer flaps; it is {entry.state} now"
            case Kind.CERTIFICATE:
                return f"{name}: the certificate expires soon{_because(said)}"
            case Kind.SLOWER if entry.text != ENDED:
                return f"{name}: since {iso_seconds(entry.at)}, {said}"
            case Kind.SLOWER:
                return f"{name} is {_ENDS[Kind.SLOWER]}; it was slower since {iso_seconds(entry.at)}"
        return f"{name} is {entry.kind} since {iso_seconds(entry.at)}{_because(said)}"

    def _duration(self, entry: Entry) -> str:
        began = entry.at if entry.began is None else entry.began
        ended = self._message.at if entry.ended is None else entry.ended
        return format_duration(max(round(ended - began), 0))

    # ── fields of templates ─────────────────────────────────────────────────────────────────────

    def values(self, title: str, text: str) -> dict[str, str]:
        """The fields of templates, as :data:`monitor.judge.templates.FIELDS` lists them."""
        message, entries = self._message, self._message.entries
        known = [self._endpoints[one.endpoint] for one in entries if one.endpoint in self._endpoints]
        only = known[0] if len(known) == 1 else None
        first = entries[0] if entries else None
        return {
            "alert": self._plain(message.alert),
            "kind": message.kind.value,
            "title": title,
            "message": text,
            "name": self._listed(self._name(one) for one in entries),
            "group": self._listed(self._plain(one.group) for one in known if one.group),
            "tags": self._listed(self._plain(tag) for one in known for tag in one.tags),
            "target": self._listed(self._plain(one.target) for one in known),
            "state": self._listed(one.state.value for one in entries),
            "reason": self._listed(one.reason.value for one in entries if one.reason),
            "cause": self._heard(first.text) if first and not _is_sign(first) else "",
            "count": str(len(entries)),
            "duration": self._duration(first) if first and first.began is not None else "",
            "began": iso_seconds(first.began) if first and first.began is not None else "",
            "at": iso_seconds(message.at),
            "runbook": self._plain(only.runbook, 500) if only else "",
            "description": self._plain(only.description, 500) if only else "",
            "id": message.id,
        }

    def _listed(self, words: Iterable[str]) -> str:
        different = list(dict.fromkeys(words))
        more = f" and {len(different) - _NAMES} more" if len(different) > _NAMES else ""
        return ", ".join(different[:_NAMES]) + more


def _state(entry: Entry) -> str:
    return _ENDS[entry.kind] if entry.text == ENDED and entry.kind in _ENDS else _STATES[entry.kind]


def _is_sign(entry: Entry) -> bool:
    """Whether the text is a marker of ours and not for people."""
    return entry.kind in _ENDS and entry.text in (BEGAN, ENDED)


def _because(said: str) -> str:
    return f": {said}" if said else ""
