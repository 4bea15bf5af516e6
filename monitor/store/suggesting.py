"""Suggest settings with which a noisy endpoint would have been in fewer messages, and their price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

from msgspec import structs

from monitor.judge.assertions import MaxLatency, latency_limit
from monitor.model import Assertion, Config, Endpoint, Incident, Kind, Result
from monitor.store.past_marks import MarkReader
from monitor.store.replaying import Past, Replay, replayed, stored
from monitor.syntax.duration import format_duration

_MANY = 3
"""Minimum of messages about an endpoint for which a quieter setting is searched."""
_NOISIEST = 20
"""Limit of endpoints for which settings are searched: each setting takes a replay."""
_STEPS = (1, 2, 3, 4, 6, 8)
"""Increases of a number of checks to try."""
_FACTORS = (1.25, 1.5, 2.0, 3.0)
"""Factors of a limit on latency to try."""
_PAUSES = (2, 3, 4, 6)
"""Factors of a retry interval to try."""
_EARLY = 0.9
"""Share of a retry interval after which a stored check is taken for the retry."""
_OUTAGE = 60.0
"""Minimum length in seconds of an incident that counts as missed if a setting opens none in its time."""


@dataclass(frozen=True)
class Suggestion:
    """A setting with which an endpoint is in at most half as many messages."""

    endpoint: str
    """Its name."""
    key: str
    value: int | str
    messages_before: int
    messages_after: int
    delay_s: float
    """The longest delay that it adds to the report of an outage (with ``up_after``: of a recovery)."""
    missed: int
    """Outages of a minute or more that would not be reported at all."""


class _Setting(NamedTuple):
    key: str
    value: int | str
    endpoint: Endpoint
    delay_s: float = 0.0
    """The expected delay of a message, in case no message shows it."""
    delays: Kind = Kind.DOWN
    retry_interval: float = 0.0
    """The minimum time between two checks: stored ones that are closer would not have been made."""


def suggestions(
    config: Config, reader: MarkReader, since: float, until: float, whole: Replay
) -> list[Suggestion]:
    """For each of the noisiest endpoints and each key, the smallest change that halves the messages about it.

    The best one of an endpoint comes first: none missed, then few messages, then little delay.
    """
    noisiest = {id for id, count in whole.counts().most_common(_NOISIEST) if count >= _MANY}
    found: list[Suggestion] = []
    for endpoint in config.endpoints:
        if endpoint.id in noisiest:
            alone = _alone(config, endpoint)
            past = _in_memory(stored(alone, reader, since, until))
            found += sorted(_quieter(alone, endpoint, past), key=_price)
    return found


def _in_memory(past: Past) -> Past:
    return past._replace(results={id: list(results) for id, results in past.results.items()})


def _price(one: Suggestion) -> tuple[int, int, float]:
    return one.missed, one.messages_after, one.delay_s


def _alone(config: Config, endpoint: Endpoint) -> Config:
    """A config of one endpoint without its dependencies."""
    return replace(config, endpoints=(replace(endpoint, depends_on=()),))


def _quieter(config: Config, endpoint: Endpoint, past: Past) -> Iterator[Suggestion]:
    before = replayed(config, past)
    for settings in _ladders(endpoint):
        for setting in settings:
            after = replayed(_alone(config, setting.endpoint), _as_made(past, setting.retry_interval))
            if after.about(endpoint.id) * 2 <= before.about(endpoint.id):
                yield _suggestion(setting, before, after)
                break


def _suggestion(setting: _Setting, before: Replay, after: Replay) -> Suggestion:
    id = setting.endpoint.id
    return Suggestion(
        endpoint=setting.endpoint.name,
        key=setting.key,
        value=setting.value,
        messages_before=before.about(id),
        messages_after=after.about(id),
        delay_s=round(_delay(before, after, setting), 3),
        missed=_missed(before.incidents, after.incidents),
    )


# ── settings, the smallest change first ─────────────────────────────────────────────────────────


def _ladders(endpoint: Endpoint) -> Iterator[Iterable[_Setting]]:
    down, up = endpoint.down_after, endpoint.up_after
    yield (
        _Setting("down_after", down + more, replace(endpoint, down_after=down + more), _pause(endpoint, more))
        for more in _STEPS
    )
    yield (
        _Setting(
            "up_after",
            up + more,
            replace(endpoint, up_after=up + more),
            _pause(endpoint, more),
            delays=Kind.UP,
        )
        for more in _STEPS
    )
    yield (_retrying(endpoint, factor) for factor in _PAUSES if _can_wait(endpoint, factor))
    yield _limits("expect.latency", endpoint.expect, lambda expect: replace(endpoint, expect=expect))
    yield _limits("warn.latency", endpoint.warn, lambda warn: replace(endpoint, warn=warn))


def _pause(endpoint: Endpoint, checks: int) -> float:
    return checks * endpoint.retry_interval


def _can_wait(endpoint: Endpoint, factor: int) -> bool:
    return endpoint.retry_interval * factor <= endpoint.interval


def _retrying(endpoint: Endpoint, factor: int) -> _Setting:
    seconds = endpoint.retry_interval * factor
    return _Setting(
        "retry_interval",
        format_duration(seconds),
        replace(endpoint, retry_interval=seconds),
        (endpoint.down_after - 1) * (seconds - endpoint.retry_interval),
        retry_interval=seconds,
    )


def _as_made(past: Past, retry_interval: float) -> Past:
    """The checks that a longer ``retry_interval`` would have made."""
    if not retry_interval:
        return past
    return past._replace(
        results={id: list(_apart(results, retry_interval)) for id, results in past.results.items()}
    )


def _apart(results: Iterable[Result], pause: float) -> Iterator[Result]:
    """Results with about ``pause`` seconds or more between them.

    Stored checks that are closer together are replaced by later ones, which are assumed to have the result
    of the last of them, until the next stored check.
    """
    made: Result | None = None
    left_out: Result | None = None
    for one in results:
        if made and one.checked_at - made.checked_at < _EARLY * pause:
            left_out = one
            continue
        if made and left_out:
            yield from _repeated(left_out, made.checked_at, one.checked_at, pause)
        yield one
        made, left_out = one, None


def _repeated(result: Result, since: float, until: float, pause: float) -> Iterator[Result]:
    at = since + pause
    while at < until - pause / 2:
        yield structs.replace(result, checked_at=at)
        at += pause


def _limits(
    key: str, assertions: Sequence[Assertion], changed: Callable[[tuple[Assertion, ...]], Endpoint]
) -> Iterator[_Setting]:
    limit = latency_limit(assertions)
    others = tuple(one for one in assertions if not isinstance(one, MaxLatency))
    for factor in _FACTORS if limit else ():
        ms = round((limit or 0.0) * factor)
        yield _Setting(key, f"{ms}ms", changed((*others, MaxLatency(ms))))


# ── their price ─────────────────────────────────────────────────────────────────────────────────


def _delay(before: Replay, after: Replay, setting: _Setting) -> float:
    """The longest delay of an outage or recovery that both report; if there is none, the expected delay."""
    earlier, later = _reported(before, setting.delays), _reported(after, setting.delays)
    delays = [later[began] - earlier[began] for began in earlier.keys() & later.keys()]
    return max(delays, default=setting.delay_s)


def _reported(run: Replay, kind: Kind) -> dict[float, float]:
    """Beginning of an outage -> the time of the first message about it, or about its end."""
    found: dict[float, float] = {}
    for message in run.messages:
        for entry in message.entries:
            if entry.kind is kind and entry.began is not None:
                found.setdefault(entry.began, message.at)
    return found


def _missed(before: Sequence[Incident], after: Sequence[Incident]) -> int:
    long = [one for one in before if _end(one) - one.began >= _OUTAGE]
    return sum(not any(_overlap(one, other) for other in after) for one in long)


def _overlap(one: Incident, other: Incident) -> bool:
    return one.began <= _end(other) and other.began <= _end(one)


def _end(incident: Incident) -> float:
    return inf if incident.ended is None else incident.ended
