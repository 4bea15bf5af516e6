"""The status page: current states, the last 90 days, and incidents. Works without JavaScript."""

from __future__ import annotations

import hmac
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import Incident, State
from monitor.syntax.duration import format_duration, format_ms, iso_time
from monitor.text import plain
from monitor.web.assets import SCRIPT, STYLE
from monitor.web.errors import ApiError
from monitor.web.past import Past
from monitor.web.source import Source

DAYS = 90
PER_PAGE = 200
"""Limit of endpoints on the page."""
_TEXT_LIMIT = 1000
_RECENT = 14 * 86400.0
"""Seconds for which an incident that has ended is shown."""
_INCIDENTS = 50
_BARS_KEPT = 60.0
"""Seconds for which the daily bars are reused."""
_ORDER = (
    State.DOWN,
    State.FAILING,
    State.DEGRADED,
    State.UNREACHABLE,
    State.INCONCLUSIVE,
    State.PENDING,
    State.UP,
    State.PAUSED,
)
_SIGNS: Mapping[State, str] = {
    State.DOWN: "✖",
    State.FAILING: "▲",
    State.DEGRADED: "◆",
    State.UNREACHABLE: "⊘",
    State.INCONCLUSIVE: "?",
    State.PENDING: "○",
    State.UP: "●",
    State.PAUSED: "‖",
}
_TROUBLE = frozenset({State.DOWN, State.DEGRADED, State.FAILING})


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


POLICY = (
    f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Shares = tuple[float | None, ...]


class Bars:
    """The uptimes of the last days, refreshed at most once a minute."""

    def __init__(self, source: Source, past: Past) -> None:
        self._source = source
        self._past = past
        self._known: dict[int, tuple[float, Shares]] = {}
        """By handle: the time of the request, and one uptime per day."""

    async def of(self, infos: Sequence[EndpointInfo], now: float) -> Mapping[int, Shares]:
        """The uptime of each day, today last."""
        now_here = time.monotonic()
        missing = [info for info in infos if self._asked_at(info) < now_here - _BARS_KEPT]
        if missing:
            found = await self._asked(missing, day_bounds(now))
            self._known |= {handle: (now_here, shares) for handle, shares in found.items()}
        return {info.handle: self._known[info.handle][1] for info in infos if info.handle in self._known}

    def _asked_at(self, info: EndpointInfo) -> float:
        """The time of the last request; long ago if nothing was known, as the first check may be over now."""
        at, shares = self._known.get(info.handle, (0.0, ()))
        return at if any(share is not None for share in shares) else float("-inf")

    async def _asked(self, infos: Sequence[EndpointInfo], bounds: Sequence[float]) -> Mapping[int, Shares]:
        """From the history; without one, from the engine's memory."""
        stored = await self._past.uptimes([info.id for info in infos], bounds)
        if stored is None:
            return await self._source.client.uptimes([info.handle for info in infos], bounds)
        return {info.handle: stored[info.id] for info in infos if info.id in stored}


def day_bounds(now: float) -> list[float]:
    """The starts of the last days in this machine's time zone, and the end of today."""
    today = datetime.fromtimestamp(now).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    days = (today.replace(tzinfo=None) - timedelta(days=back) for back in range(DAYS - 1, -2, -1))
    return [day.timestamp() for day in days]


async def status_page(source: Source, bars: Bars, query: Mapping[str, str]) -> Response:
    """The page, problems first."""
    picture = await source.picture()
    statuses = sorted(picture.endpoints(), key=lambda one: _ORDER.index(one[1].state))
    number = _page_number(query, len(statuses))
    shown = statuses[number * PER_PAGE : (number + 1) * PER_PAGE]
    shares = await bars.of([info for info, _ in shown], picture.now)
    parts = [
        _headline(picture, [status for _, status in statuses]),
        *_groups(shown, shares, picture.now),
        _pages(number, len(statuses)),
        _incidents(picture),
    ]
    return HTMLResponse(_document(picture.title, "".join(parts)), headers={"Content-Security-Policy": POLICY})


def _page_number(query: Mapping[str, str], count: int) -> int:
    text = query.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= max(-(-count // PER_PAGE), 1)):
        raise ApiError(404, "there is no such page")
    return int(text) - 1


def _shown(text: str) -> str:
    """Text from a config or an operator, as HTML: on one line, without controls and overrides."""
    return escape(plain(text, _TEXT_LIMIT))


def _document(title: str, body: str) -> str:
    title = _shown(title or "monitor")
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        "<meta name=color-scheme content='light dark'>"
        f"<title>{title}</title><style>{STYLE}</style>"
        "<noscript><meta http-equiv=refresh content=30></noscript></head>"
        f"<body><main>{body}</main><script>{SCRIPT}</script></body></html>"
    )


# ── parts ───────────────────────────────────────────────────────────────────────────────────────


def _headline(picture: Picture, statuses: Sequence[EndpointStatus]) -> str:
    counts = {state: sum(status.state is state for status in statuses) for state in _ORDER}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    down = counts[State.DOWN]
    worst = next((state for state in _ORDER if counts[state]), State.PENDING)
    words = f"{down} down" if down else "Problems" if worst in _TROUBLE else "Nothing is down"
    return (
        f"<header class='{worst.value if worst in _TROUBLE else 'up'}'><h1>{_shown(words)}</h1>"
        f"<p>{_shown(picture.title)}: {', '.join(parts) or 'no endpoints'} · "
        f"<time datetime='{iso_time(picture.now, 'seconds')}'>{_clock(picture.now)}</time>"
        "<span id=live></span></p></header>"
    )


def _groups(
    shown: Sequence[tuple[EndpointInfo, EndpointStatus]], shares: Mapping[int, Shares], now: float
) -> Iterable[str]:
    names = dict.fromkeys(info.group for info, _ in shown)
    for name in names:
        items = [
            _endpoint(info, status, shares.get(info.handle, ()), now)
            for info, status in shown
            if info.group == name
        ]
        heading = f"<h2>{_shown(name)}</h2>" if name else "<h2>Others</h2>" if len(names) > 1 else ""
        yield f"<section>{heading}<ul class=endpoints>{''.join(items)}</ul></section>"


def _endpoint(info: EndpointInfo, status: EndpointStatus, shares: Shares, now: float) -> str:
    marks = "".join(f" <em>{_shown(mark)}</em>" for mark in _marks(status))
    latency = "" if status.latency_ms is None else f"{format_ms(status.latency_ms)} · "
    message = (
        f"<p class=why>{_shown(status.message)}</p>" if status.state not in (State.UP, State.PENDING) else ""
    )
    since = format_duration(max(round(now - status.since), 0))
    return (
        f"<li class={status.state.value}><div class=line>"
        f"<span class=state>{_SIGNS[status.state]} {status.state.value}</span>"
        f"<strong>{_shown(info.name)}</strong>{marks}"
        f"<span class=more>{latency}{status.state.value} for {since}</span></div>"
        f"{message}{_bars(shares, now)}</li>"
    )


def _marks(status: EndpointStatus) -> Iterable[str]:
    if status.acknowledged:
        yield "acknowledged"
    if status.silenced:
        yield "silenced"
    if status.maintenance:
        yield "maintenance"
    if status.flapping:
        yield "flapping"
    if status.slower:
        yield str(status.slower)


def _bars(shares: Shares, now: float) -> str:
    """One bar per day. Its class and title give the uptime, rounded down."""
    bounds = day_bounds(now)
    bars = [_bar(share, start) for share, start in zip(shares, bounds, strict=False)]
    known = [share for share in shares if share is not None]
    today = f"{percent(known[-1])} today" if known and shares[-1] is not None else "nothing is known of today"
    label = f"uptime of the last {DAYS} days; {today}"
    return f"<div class=days role=img aria-label='{label}'>{''.join(bars)}</div>"


def _bar(share: float | None, start: float) -> str:
    day = datetime.fromtimestamp(start).astimezone().date().isoformat()
    if share is None:
        return f"<i title='{day}: not known'></i>"
    kind = "a" if share >= 1 else "b" if share >= 0.99 else "c" if share >= 0.9 else "d"
    return f"<i class={kind} title='{day}: {percent(share)}'></i>"


def percent(share: float) -> str:
    """Two decimals, rounded down: 99.9999 % is not 100 %."""
    return f"{int(share * 10000 + 1e-9) / 100:.2f}".rstrip("0").rstrip(".") + " %"


def _pages(number: int, count: int) -> str:
    pages = -(-count // PER_PAGE)
    if pages <= 1:
        return ""
    links = [
        f"<b>{page + 1}</b>" if page == number else f"<a href='?page={page + 1}'>{page + 1}</a>"
        for page in range(pages)
    ]
    return f"<nav>{' '.join(links)}</nav>"


def _incidents(picture: Picture) -> str:
    since = picture.now - _RECENT
    shown = [one for one in picture.incidents.values() if one.ended is None or one.ended >= since]
    shown.sort(key=lambda one: (one.ended is not None, -one.began))
    items = "".join(_incident(one, picture.now) for one in shown[:_INCIDENTS])
    more = f"<p>and {len(shown) - _INCIDENTS} more</p>" if len(shown) > _INCIDENTS else ""
    none = "<p>None in the last 14 days.</p>"
    return (
        f"<section><h2>Incidents</h2>{f'<ul class=incidents>{items}</ul>{more}' if items else none}</section>"
    )


def _incident(one: Incident, now: float) -> str:
    lasted = format_duration(max(round((now if one.ended is None else one.ended) - one.began), 0))
    known = f" · {_shown(one.acknowledged.by)} knows" if one.acknowledged else ""
    note = f": {_shown(one.acknowledged.note)}" if one.acknowledged and one.acknowledged.note else ""
    when = f"<time datetime='{iso_time(one.began, 'seconds')}'>{_clock(one.began)}</time>"
    state = "open" if one.ended is None else "over"
    return (
        f"<li class={state}><div class=line><span class=state>{state}</span>"
        f"<strong>{_shown(one.name)}</strong><span class=more>{when}, {lasted}</span></div>"
        f"<p class=why>{_shown(one.cause)}{known}{note}</p></li>"
    )


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M %Z")


# ── the token ───────────────────────────────────────────────────────────────────────────────────


class WithLogin:
    """Answers browsers without a token with a form instead of JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ("/", "/login"):
            await self._app(scope, receive, send)
            return
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 401:
                refused = True
            elif not refused:
                await send(message)

        await self._app(scope, receive, sending)
        if refused:
            await login_page()(scope, receive, send)


def login_page() -> Response:
    """The form."""
    form = (
        "<header class=up><h1>Token</h1></header><form method=post action=login>"
        "<label>The read token <input type=password name=token autocomplete=current-password></label>"
        "<button>Look</button></form>"
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "WWW-Authenticate": 'Bearer realm="monitor"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(_document("monitor", form), 401, headers)


def token_of_form(body: bytes) -> str:
    """The token from the form; empty if there is none."""
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return fields.get("token", [""])[0]


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
