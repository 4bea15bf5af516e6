"""Whole screens as they are drawn: in colour, without, and in ASCII, on terminals of three sizes."""

import asyncio
import math

import pytest
from fake_source import NOW, FakeSource, failed, info, mixed, row
from msgspec.structs import replace
from pictures import agrees, lines, styles

from monitor.config.editing.form import asked
from monitor.link.certificates import CertificateInfo
from monitor.link.edits import Form, GetForm
from monitor.link.messages import Detail, Point
from monitor.model import (
    Acknowledgement,
    Certificate,
    Ending,
    Event,
    Explanation,
    Hop,
    Incident,
    Problem,
    Result,
    State,
    Status,
)

pytestmark = pytest.mark.long

DAY = 86400.0
NOT_KNOWN = "not known any more, or not yet"
SIZES = [(80, 24), (120, 40), (200, 50)]
LOOKS = {"colour": {}, "NO_COLOR": {"NO_COLOR": "1"}, "ASCII": {"LANG": "C"}}
VIEWS = {
    "overview": (),
    "detail": ("j", "enter"),
    "incidents": ("2",),
    "log": ("4",),
    "help": ("?",),
    "past": ("[",),
    "wall": ("5",),
    "wall of many": ("5",),
    "compare": ("v",),
    "certificates": ("3",),
    "chain": ("3", "j", "enter"),
    "edit": ("e", "down", "down"),
}


EVENTS = (
    Event(at=NOW - 700, handle=None, level="info", text="config reloaded: +1 ~2"),
    Event(at=NOW - 600, handle=1, level="bad", text="down: connection refused"),
    Event(at=NOW - 500, handle=2, level="warn", text="degraded: latency 912 ms, allowed 500 ms"),
    Event(at=NOW - 60, handle=3, level="good", text="up again after 4m"),
)
INCIDENTS = (
    Incident(
        id="1",
        endpoint="id-1",
        handle=1,
        name="api-eu",
        began=NOW - 600,
        cause="connection refused",
        failed=60,
        acknowledged=Acknowledgement(at=NOW - 500, by="ann", note="the switch in rack 4"),
    ),
    *(
        Incident(
            id=str(2 + n),
            endpoint="id-3",
            handle=3,
            name="x",
            began=NOW - 3000 + 400 * n,
            ended=NOW - 2900 + 400 * n,
            ending=Ending.RECOVERED,
            cause="no answer within 2s",
            failed=9,
        )
        for n in range(5)
    ),
)
STATES = {
    "loading": (),
    "nothing watched": (),
    "nothing fits": ("slash", "z", "enter"),
    "engine gone": (),
    "config broken": (),
    "config problems": ("6",),
}
"""What is not as it should be, or not yet."""
SMALL_STATES = {
    "engine silent": (),
    "engine does not start": (),
    "engine does not start, why": ("6",),
    "nothing wrong": ("!",),
    "no incidents": ("2",),
    "no certificates": ("3",),
    "no events": ("4",),
}
"""The same, of which one size tells enough."""
BLOCKS = {"blocks": ("d", "right", "space")}
"""A long table beside itself, which needs a wide terminal."""
MANY = ("wall of many", "blocks")
FORM = Form(
    kind="http",
    file="/etc/monitor.toml",
    fields=tuple(asked("http", {"interval": "10s"})),
    texts={
        "name": "api-eu",
        "url": "https://api:${PASSWORD}@eu.shop.test/health",
        "tags": "web, eu",
        "expect.status": "200",
        "warn.latency": "500ms",
    },
)
PICTURES = [(view, size) for view in [*VIEWS, *STATES] for size in SIZES]
PICTURES += [(state, SIZES[0]) for state in SMALL_STATES]
PICTURES += [("blocks", SIZES[-1])]
PROBLEMS = (
    Problem("/etc/monitor.toml", 12, "endpoints[1].interval", "'soon' is not a duration: write \"30s\""),
    Problem("/etc/monitor.toml", 31, "endpoints[4].url", "is missing"),
)


class Sitter(FakeSource):
    """An engine whose endpoints have histories and certificates."""

    async def detail(self, handle, since):
        points = [self._point(handle, n) for n in range(90)]
        last = Result(
            endpoint="x",
            status=Status.UP,
            reason=None,
            message="200 OK",
            checked_at=NOW,
            certificate=_certificate(handle),
            explanation=Explanation(
                hops=(
                    Hop(asked="GET http://shop.test/", answered="301 Moved"),
                    Hop(asked="GET https://shop.test/", answered="200 OK", certificate=_certificate(handle)),
                )
            ),
        )
        return Detail(
            handle=handle, last=last, last_failure=None, last_good=last, points=tuple(points), phases_ms={}
        )

    def _point(self, handle, n):
        fails = (n * 7 + handle * 3) % 31 == 0
        ms = 60 + 15 * handle + 25 * math.sin(n / 9 + handle)
        return Point(NOW - 890 + 10 * n, "d" if fails else "u", -1.0 if fails else round(ms, 1))

    async def states_at(self, moment):
        """How it was: what is down now was failing, and of one nothing is known."""
        then = [row(handle, since=NOW - 3600, latency_ms=40.0 + handle, uptime=None) for handle in range(6)]
        worse = failed(1, State.FAILING, since=moment - 5)
        unknown = row(6, State.PENDING, since=moment, latency_ms=None, uptime=None, message=NOT_KNOWN)
        yield [then[0], worse, *then[2:], unknown]

    async def certificates(self):
        return [_presented(handle) for handle in (0, 1, 2, 3, 4, 6)]


def _presented(handle):
    one = _certificate(handle)
    return CertificateInfo(
        handle=handle,
        fingerprint=one.fingerprint,
        subject=one.subject,
        issuer=one.issuer,
        names=one.names,
        not_before=one.not_before,
        expires=one.expires,
        ends_first="CN=Old Root" if handle == 3 else "",
    )


def _certificate(handle):
    days = {0: 400, 1: -3, 2: 12.5, 4: 12.5, 3: 75, 6: 3}[handle]
    shared = 2 if handle == 4 else handle
    issuer = Certificate(
        subject="CN=R11,O=Let's Encrypt,C=US",
        issuer="CN=ISRG Root X1,O=Internet Security Research Group,C=US",
        not_before=NOW - 300 * DAY,
        not_after=NOW + 900 * DAY,
        fingerprint="ca" * 32,
    )
    return Certificate(
        subject=f"CN=host{shared}.test",
        issuer=issuer.subject,
        not_before=NOW - 50 * DAY,
        not_after=NOW + days * DAY,
        names=(f"host{shared}.test", f"www.host{shared}.test"),
        fingerprint=f"{shared:02x}" * 32,
        issuers=(issuer,),
    )


def few():
    source = mixed()
    source.__class__ = Sitter
    source.replies[GetForm] = FORM
    source.snapshot = replace(source.snapshot, started_at=NOW - 7200, events=EVENTS, incidents=INCIDENTS)
    return source


class Silent(FakeSource):
    """An engine that has not said anything yet."""

    async def hello(self):
        await asyncio.Event().wait()


def in_state(state):
    """An engine that is the reason for a state, or has it told."""
    source = few()
    if state == "loading":
        source.__class__ = Silent
    elif state == "nothing watched":
        source.snapshot = replace(source.snapshot, infos=(), statuses=(), config_file="/etc/monitor.toml")
    elif state == "nothing wrong":
        source.snapshot = replace(source.snapshot, statuses=tuple(map(row, range(7))))
    elif state == "no certificates":
        source.__class__ = FakeSource
    elif state.startswith("no "):
        source.snapshot = replace(source.snapshot, events=(), incidents=())
    elif state.startswith("engine"):
        source.snapshot = replace(source.snapshot, config_file="/etc/monitor.toml")
    elif state.startswith("config"):
        source.snapshot = replace(source.snapshot, problems=PROBLEMS, config_file="/etc/monitor.toml")
    return source


def many():
    """A wall of 700, a few of each kind of trouble among them."""
    states = (State.DOWN, State.FAILING, State.UNREACHABLE, State.INCONCLUSIVE)
    rows = [
        failed(n, states[n // 90 % 4], since=NOW - 60 * n)
        if n % 90 == 7
        else row(n, State.PAUSED if n % 101 == 0 else State.UP, latency_ms=float(n % 97))
        for n in range(700)
    ]
    return FakeSource([info(n, f"{('shop', 'mail', 'api')[n % 3]}-{n:03}") for n in range(700)], rows)


@pytest.fixture(autouse=True)
def _in_greenwich(time_zone):
    """Times of day are those of the machine of the dashboard."""
    time_zone("UTC")


def dies(seat):
    seat.source.gone = "the engine ended: signal 9 (Killed)"


def stays_dead(seat):
    seat.source.gone, seat.source.wrong = (
        "the engine ended, and does not start again with this config",
        PROBLEMS,
    )


def falls_silent(seat):
    seat.source.pull = lambda _: asyncio.Event().wait()


BREAKING = {
    "engine gone": dies,
    "engine silent": falls_silent,
    "engine does not start": stays_dead,
    "engine does not start, why": stays_dead,
}
"""What happens to the engine that a picture is of."""


async def picture(make_seat, view, size, environ):
    seat = make_seat(many() if view in MANY else in_state(view), **environ)
    async with seat.app.run_test(size=size) as seat.pilot:
        await (seat.pilot.pause() if view == "loading" else seat.settle())
        if view in BREAKING:
            BREAKING[view](seat)
            seat.app.follower.hurry()
            await seat.until(lambda: "engine" in seat.app.notice())
        for key in (VIEWS | STATES | SMALL_STATES | BLOCKS)[view]:
            await seat.press(key)
        if view == "past":
            await seat.until(lambda: seat.app.travel.moment)
        for _ in range(3):
            await seat.pilot.pause()
        return lines(seat.app), styles(seat.app)


@pytest.mark.parametrize(("view", "size"), PICTURES, ids=str)
async def test_a_screen_looks_as_it_did(make_seat, monkeypatch, view, size):
    monkeypatch.setattr("monitor.tui.data.follow.SILENCE", 0.05 if view == "engine silent" else 1e9)
    monkeypatch.setattr("monitor.tui.widgets.side_panel.REST", 0.001)
    drawn = {context: await picture(make_seat, view, size, environ) for context, environ in LOOKS.items()}
    assert drawn["ASCII"][0].isascii()
    assert drawn["NO_COLOR"][0] == drawn["colour"][0]
    agrees(
        f"{view.replace(',', '').replace(' ', '-')}-{size[0]}x{size[1]}",
        {
            "as it is read": drawn["colour"][0],
            "in ASCII": drawn["ASCII"][0],
            "styles": drawn["colour"][1],
            "styles without colour": drawn["NO_COLOR"][1],
        },
    )
