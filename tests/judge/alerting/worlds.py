"""Scripted worlds: the truth about some endpoints, and the messages that an expert operator wants.

A world is a table of spans in which checks find something else than ``u`` (letters as in ``simulation``).
Nothing here knows any rule: the messages are written by hand, and :func:`score` measures every tool by the
same outages. Seconds count from the beginning of the world.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, inf
from typing import Any
from zoneinfo import ZoneInfo

from simulation import EPOCH, Simulation, alert, endpoint

from monitor.engine.name_servers import resolver_of
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.judge.assertions import MaxLatency
from monitor.model import Alert, Config, Endpoint, Entry, Kind, Maintenance, Message, State

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
BERLIN = "Europe/Berlin"
CONFIRMATION = 10.0
"""Seconds: what lasts less is a hiccup, and no alarm about it is true. What lasts longer is an outage."""


@dataclass(frozen=True)
class Span:
    """What checks of an endpoint find for a while."""

    start: float
    end: float
    letter: str = "d"


@dataclass(frozen=True)
class Outage:
    """Something that an operator has to hear of."""

    start: float
    end: float
    endpoints: frozenset[str]
    """Each of them has to be named by an alarm."""
    affected: frozenset[str] = frozenset()
    """An alarm about these is true too, but not needed."""

    def covers(self, name: str, at: float) -> bool:
        """Whether an alarm about the endpoint ``name`` is true at ``at``."""
        return self.start <= at <= self.end and (name in self.endpoints or name in self.affected)


@dataclass(frozen=True)
class World:
    """A course of events, and the messages that it deserves."""

    name: str
    endpoints: tuple[Endpoint, ...]
    spans: dict[str, tuple[Span, ...]]
    """By endpoint, in order of time."""
    outages: tuple[Outage, ...]
    wanted: tuple[tuple[str, str], ...]
    """The kind of each message and what it is about, as :func:`about` says it."""
    seconds: float
    alerts: tuple[Alert, ...] = (alert(),)
    maintenance: tuple[Maintenance, ...] = ()
    asleep: Span | None = None
    """When this machine is suspended."""
    epoch: float = EPOCH
    restarts: tuple[float, ...] = ()
    acts: tuple[tuple[float, Callable[[Tracker, float], Sequence[Any]]], ...] = ()
    """What operators do, and when."""

    def finds(self, name: str, at: float) -> str:
        """The letter of what a check finds."""
        spans = self.spans.get(name, ())
        index = bisect_right(spans, at, key=lambda span: span.start) - 1
        return spans[index].letter if index >= 0 and at < spans[index].end else "u"

    def next_trouble(self, name: str, at: float) -> float:
        """The first moment at ``at`` or later that lies in a span; infinity: none does."""
        spans = self.spans.get(name, ())
        return min((max(span.start, at) for span in spans if span.end > at), default=inf)

    def sleeps(self, at: float) -> bool:
        """Whether this machine is suspended."""
        return self.asleep is not None and self.asleep.start <= at < self.asleep.end


# ── how a tool did ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Notice:
    """A message of any tool: the endpoints that it raises an alarm about, if any."""

    at: float
    alarms: frozenset[str]


@dataclass
class Score:
    """How a tool did in a world."""

    false_alarms: int = 0
    """Messages with an alarm about an endpoint that had no outage then."""
    missed: int = 0
    """Outages of which some endpoint was never named while it lasted."""
    first_s: float | None = None
    """Seconds from the beginning of an outage to its first alarm, in the slowest case; None: no alarm."""
    messages: int = 0


def score(world: World, notices: Sequence[Notice]) -> Score:
    """Measure a tool's messages by the outages of a world."""
    found = Score(messages=len(notices))
    found.false_alarms = sum(not _is_true(world, one) for one in notices)
    firsts = []
    for outage in world.outages:
        during = [one for one in notices if outage.start <= one.at <= outage.end]
        named = frozenset[str]().union(*(one.alarms for one in during))
        found.missed += not outage.endpoints <= named
        firsts += [one.at - outage.start for one in during if one.alarms & outage.endpoints][:1]
    found.first_s = max(firsts, default=None)
    return found


def _is_true(world: World, notice: Notice) -> bool:
    return all(any(one.covers(name, notice.at) for one in world.outages) for name in notice.alarms)


# ── our rules ───────────────────────────────────────────────────────────────────────────────────


@dataclass
class Course(Simulation):
    """A simulation that suspects dependencies as the scheduler does, and can leave out uneventful checks."""

    next_trouble: Callable[[str, float], float] | None = None
    """:meth:`World.next_trouble`; None: no check is left out."""
    checks: int = 0

    def _doubt_dependencies(self, one: Endpoint, at: float) -> None:
        """A dependency that fails already is not checked again for each dependent."""
        suspects = [name for name in one.depends_on if self._tracked(name).state in _UNSUSPECTED]
        if suspects:
            super()._doubt_dependencies(replace(one, depends_on=tuple(suspects)), at)

    def _check(self, one: Endpoint, at: float) -> float:
        self.checks += 1
        after = super()._check(one, at)
        if self.next_trouble is None or not is_settled(self._tracked(one.id)):
            return after
        trouble = self.next_trouble(one.id, after - self.epoch)
        if trouble == inf:
            return inf
        return after + max(ceil((trouble + self.epoch - after) / one.interval), 0) * one.interval

    def _tracked(self, id: str) -> Tracked:
        return self.tracker.endpoints[self.handles[id]]


_UNSUSPECTED = frozenset({State.PENDING, State.UP, State.DEGRADED, State.INCONCLUSIVE})


def is_settled(tracked: Tracked) -> bool:
    """Whether one more success changes nothing: it is up, and no failure is remembered."""
    health = tracked.health
    return (
        tracked.state is State.UP
        and health.hard is State.UP
        and not health.streak
        and not health.changes | health.turns
    )


def run_ours(world: World, restarts: Sequence[float] = ()) -> Course:
    """Let the tracker and the alerting live through a world."""
    course = Course(
        world.endpoints,
        world.alerts,
        world.finds,
        world.maintenance,
        restarts,
        world.sleeps,
        world.acts,
        epoch=world.epoch,
        next_trouble=world.next_trouble if world.seconds > DAY else None,
    )
    course.run(world.seconds)
    return course


def notices(world: World, messages: Iterable[Message]) -> list[Notice]:
    """Our messages, as :func:`score` takes them."""
    return [
        Notice(one.at - world.epoch, frozenset(entry.endpoint for entry in one.entries if _is_alarm(entry)))
        for one in messages
    ]


def _is_alarm(entry: Entry) -> bool:
    return entry.kind in (Kind.DOWN, Kind.REMINDER) or (entry.kind is Kind.FLAPPING and entry.text == "began")


def about(message: Message) -> tuple[str, str]:
    """A message's kind, and what it is about, in a few words."""
    first = message.entries[0]
    names = ", ".join(entry.endpoint for entry in message.entries)
    if first.kind is Kind.FLAPPING:
        names += f" {first.text}"
    if len(message.entries) > 2:
        kinds = "/".join(sorted({str(entry.kind) for entry in message.entries}))
        cause = f", {message.cause.kind} {message.cause.value}" if message.cause else ""
        names = f"{len(message.entries)} {kinds}{cause}"
    return str(message.kind), names


# ── the worlds ──────────────────────────────────────────────────────────────────────────────────


def _outage(start: float, end: float, *names: str, affected: Iterable[str] = ()) -> Outage:
    return Outage(start, end, frozenset(names), frozenset(affected))


def flapping() -> World:
    """A service is up for a minute and down for a minute, for an hour. From the third time on, it flaps."""
    spans = tuple(Span(at, at + MINUTE) for at in range(600, 4200, 120))
    return World(
        name="flapping service",
        endpoints=(endpoint("shop"), endpoint("blog")),
        spans={"shop": spans},
        outages=(_outage(600, 4200, "shop"),),
        wanted=(
            *(("down", "shop"), ("up", "shop")) * 2,
            ("flapping", "shop began"),
            ("flapping", "shop ended"),
        ),
        seconds=3 * HOUR,
        restarts=(625, 2000, 4300),
    )


def _behind_a_switch(name: str, count: int, **keys: object) -> tuple[Endpoint, ...]:
    hosts = (f"10.0.{number // 250}.{number % 250 + 1}" for number in range(count))
    behind = (endpoint(f"e{number}", host=host, **keys) for number, host in enumerate(hosts))
    others = (endpoint(f"o{number}", host=f"10.9.0.{number + 1}", group="rack 8") for number in range(20))
    return (endpoint("switch", host="10.8.0.1", group="core"), *behind, *others)


def dead_switch(count: int = 500) -> World:
    """A switch dies, and every endpoint behind it depends on it by config."""
    behind = [f"e{number}" for number in range(count)]
    return World(
        name=f"dead switch, {count} depend on it",
        endpoints=_behind_a_switch("switch", count, depends_on=("switch",)),
        spans={name: (Span(300, 1500),) for name in ("switch", *behind)},
        outages=(_outage(300, 1500, "switch", affected=behind),),
        wanted=(("down", "switch"), ("up", "switch")),
        seconds=2000,
        restarts=(318, 900, 1512),
    )


def dead_group(count: int = 500) -> World:
    """The same, but no config says so: the endpoints only share their group, and nobody checks the switch."""
    behind = [f"e{number}" for number in range(count)]
    return World(
        name=f"dead switch, {count} in one group",
        endpoints=_behind_a_switch("switch", count, group="rack 7")[1:],
        spans={name: (Span(300, 1500),) for name in behind},
        outages=(_outage(300, 1500, *behind),),
        wanted=(("digest", f"{count} down, group rack 7"), ("digest", f"{count} up")),
        seconds=2000,
        restarts=(318, 900, 1512),
    )


def own_uplink() -> World:
    """This machine loses its network, and its canaries say so. One service fails afterwards."""
    names = [f"e{number}" for number in range(50)]
    spans = {name: (Span(300, 900, "i"),) for name in names}
    spans["e7"] = (Span(300, 900, "i"), Span(1500, 2100))
    return World(
        name="own uplink down",
        endpoints=tuple(endpoint(name) for name in names),
        spans=spans,
        outages=(_outage(1500, 2100, "e7"),),
        wanted=(("down", "e7"), ("up", "e7")),
        seconds=HOUR,
        restarts=(310, 600, 905, 1520),
    )


def resolver_outage(count: int = 40) -> World:
    """The resolver fails for ten minutes: no name is found, and what is checked by address is fine."""
    names = [f"e{number}" for number in range(count)]
    others = tuple(endpoint(f"o{number}", host=f"10.9.0.{number + 1}") for number in range(10))
    return World(
        name=f"resolver outage, {count} names",
        endpoints=(*(endpoint(name) for name in names), *others),
        spans={name: (Span(300, 900, "n"),) for name in names},
        outages=(_outage(300, 900, *names),),
        wanted=(("digest", f"{count} down, resolver {resolver_of(Config())}"), ("digest", f"{count} up")),
        seconds=HOUR,
        restarts=(305, 318, 600, 912),
    )


_COLLAPSE = 8 * HOUR
"""When the service that drifts stops answering."""


def slow_drift() -> World:
    """Answers take longer and longer, with jitter: a warning from 1 s on. After 8 hours, none comes."""
    late = (Span(at, at + 5.0, "g") for at in range(600, int(_COLLAPSE), 5) if _latency(at) > 1)
    return World(
        name="slow drift, then no answers",
        endpoints=(endpoint("shop", warn=(MaxLatency(1000.0),)), endpoint("blog")),
        spans={"shop": (*late, Span(_COLLAPSE, _COLLAPSE + HOUR))},
        outages=(_outage(_COLLAPSE, _COLLAPSE + HOUR, "shop"),),
        wanted=(("degraded", "shop"), ("down", "shop"), ("up", "shop")),
        seconds=10 * HOUR,
        alerts=(alert(on=frozenset({"down", "up", "flapping", "certificate", "degraded"})),),
        restarts=(5 * HOUR, _COLLAPSE + 20, _COLLAPSE + 600),
    )


def _latency(at: float) -> float:
    """Seconds: 0.1 at first, 0.3 more each hour, and a tenth more or less by chance."""
    return (0.1 + 0.3 * at / HOUR) * random.Random(at).uniform(0.9, 1.1)


def clock_change(day: int, month: int) -> World:
    """Work at night in a window from 03:00 for two hours, in the night of a change of the clock."""
    berlin = ZoneInfo(BERLIN)
    epoch = datetime(2026, month, day, tzinfo=berlin).timestamp()
    begin = datetime(2026, month, day, 3, tzinfo=berlin).timestamp() - epoch
    later = begin + 2.5 * HOUR
    return World(
        name=f"maintenance, clock changes ({'spring' if month < 6 else 'autumn'})",
        endpoints=(endpoint("db"),),
        spans={"db": (Span(begin + 300, begin + 6600), Span(later, later + 1200))},
        outages=(_outage(later, later + 1200, "db"),),
        wanted=(("down", "db"), ("up", "db")),
        seconds=later + 2 * HOUR,
        maintenance=(Maintenance(name="work", cron="0 3 * * *", duration=2 * HOUR, timezone=BERLIN),),
        epoch=epoch,
        restarts=(begin + 320, begin + 3600, begin + 7190, later + 15),
    )


def rolling_deploy(length: float, *reported: int, name: str = "", **keys: object) -> World:
    """Thirty instances restart one after another; one of them does not come back.

    A restart that takes longer than the confirmation of 10 s is a short outage: a check that finds it at
    its beginning confirms it, and the message is true. These are the ``reported`` ones, two neighbours each
    time. An operator who does not want to hear of them says so: by ``down_after``, or by a silence.
    """
    spans = {f"web-{number}": (Span(300 + number * 25, 300 + number * 25 + length),) for number in range(30)}
    short = [_outage(one.start, one.end, affected=(name,)) for name, (one,) in spans.items()]
    spans["web-17"] = (Span(725, 1500),)
    pairs = [(f"web-{number}", f"web-{number + 1}") for number in reported]
    wanted = [(kind, name) for pair in pairs for kind in ("down", "up") for name in pair]
    wanted.insert(wanted.index(("up", "web-16")) if reported else 0, ("down", "web-17"))
    return World(
        name=name or f"rolling deploy, {length:g} s each",
        endpoints=tuple(endpoint(name, group="web", **keys) for name in spans),
        spans=spans,
        outages=(_outage(725, 1500, "web-17"), *(short if length > CONFIRMATION else ())),
        wanted=(*wanted, ("up", "web-17")),
        seconds=HOUR,
        restarts=(310, 750, 1505),
    )


def suspended() -> World:
    """A laptop sleeps through an outage, and wakes without a network for 20 s. Later, a service fails."""
    names = [f"e{number}" for number in range(20)]
    spans = {name: (Span(8000, 8020, "i"),) for name in names}
    spans["e3"] = (Span(5000, 7000), Span(8000, 8020, "i"), Span(8200, 9000))
    return World(
        name="suspended laptop",
        endpoints=tuple(endpoint(name) for name in names),
        spans=spans,
        outages=(_outage(8200, 9000, "e3"),),
        wanted=(("down", "e3"), ("up", "e3")),
        seconds=3 * HOUR,
        asleep=Span(900, 8000),
        restarts=(890, 8010, 8210),
    )


def quiet_month(count: int = 1000, days: int = 30) -> World:
    """Most endpoints have one hiccup of 4 to 9 s in a month; five have an outage of ten minutes."""
    dice = random.Random(7)
    names = [f"e{number}" for number in range(count)]
    starts = {name: dice.uniform(HOUR, days * DAY - HOUR) for name in names}
    spans = {name: (Span(at, at + dice.uniform(4, 9)),) for name, at in starts.items()}
    down = sorted(names[:: max(count // 5, 1)][:5], key=lambda name: starts[name])
    spans |= {name: (Span(starts[name], starts[name] + 600),) for name in down}
    return World(
        name=f"quiet month, {count} endpoints" if days == 30 else f"{days} quiet days, {count} endpoints",
        endpoints=tuple(endpoint(name) for name in names),
        spans=spans,
        outages=tuple(_outage(starts[name], starts[name] + 600, name) for name in down),
        wanted=tuple((kind, name) for name in down for kind in ("down", "up")),
        seconds=days * DAY,
        restarts=tuple(starts[name] + 45 for name in down),
    )


def worlds(month: int = 1000, days: int = 30) -> tuple[World, ...]:
    """All of them."""
    return (
        flapping(),
        dead_switch(),
        dead_group(),
        resolver_outage(),
        own_uplink(),
        slow_drift(),
        clock_change(29, 3),
        clock_change(25, 10),
        rolling_deploy(8),
        rolling_deploy(20, 0, 5, 10, 15, 20, 25),
        rolling_deploy(20, name="the same with down_after = 6", down_after=6),
        suspended(),
        quiet_month(month, days),
    )
