"""`/api/v1`: the data and commands of a dashboard, as JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from monitor.judge.reporting import Period
from monitor.link.messages import Acknowledge, CheckNow, Done, EndpointInfo, EndpointStatus, Pause, Resume
from monitor.link.silences import EndSilence, StartSilence
from monitor.link.state_json import endpoint_state, endpoint_states, incident_json, silence, status_document
from monitor.model.report import By
from monitor.outputs.reports.json import document as document_of
from monitor.syntax.duration import format_duration, iso_time, parse_duration, parse_lasting, parse_moment
from monitor.syntax.selection import compile_selection
from monitor.text import plain
from monitor.web.errors import ApiError, Json
from monitor.web.events import Events
from monitor.web.memory import BUCKETS, report_json, series
from monitor.web.openapi import document
from monitor.web.past import Past, Series
from monitor.web.source import Source

_STREAMS = 100
"""Limit of event streams at once."""
SLASH = "\0"
"""Stands for an encoded slash in a path; no id has this character."""
_DAY = 86400.0
_BY = "API"
"""The author of changes over the web address: its tokens are not people's."""
_BYS: Mapping[str, By] = {"endpoint": "endpoint", "group": "group", "tag": "tag"}


class _Silence(msgspec.Struct, forbid_unknown_fields=True):
    select: list[str]
    lasting: str | float | None = msgspec.field(default=None, name="for")
    note: str = ""


class _Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    lasting: str | float | None = msgspec.field(default=None, name="for")
    note: str = ""


T = TypeVar("T")


def _parsed(body: bytes, wanted: type[T]) -> T:
    """The request's body, decoded; an empty body is an empty object."""
    try:
        return msgspec.json.decode(body or b"{}", type=wanted)
    except msgspec.MsgspecError as error:
        raise ApiError(422, f"invalid body: {error}") from None
    except (UnicodeDecodeError, RecursionError):
        raise ApiError(422, "the body is no JSON") from None


def _moment(request: Request, name: str, now: float, default: float) -> float:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        # An unencoded plus sign in a URL stands for a space.
        return parse_moment(text.replace(" ", "+"), now)
    except ValueError as error:
        raise ApiError(422, f"{name}: {error}") from None


def _flag(request: Request, name: str) -> bool | None:
    text = request.query_params.get(name)
    if text not in (None, "true", "false", "1", "0"):
        raise ApiError(422, f"{name}: write true or false")
    return None if text is None else text in ("true", "1")


def _seconds(text: str | float | None) -> float | None:
    try:
        return None if text is None else parse_lasting(text)
    except ValueError as error:
        raise ApiError(422, f"for: {error}") from None


class _EventStream(StreamingResponse):
    """Server-sent events; calls ``ended`` in any case, even if the caller leaves before the first one."""

    def __init__(self, events: AsyncIterator[bytes], ended: Callable[[], None]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


class Api:
    """The handlers of one engine."""

    def __init__(self, source: Source, past: Past) -> None:
        self._source = source
        self._past = past
        self._client = source.client
        self._events = Events(source)
        self._streams = 0

    def routes(self) -> list[Route]:
        """All routes below ``/api/v1``."""
        acts: dict[str, Callable[[Request], Any]] = {
            "check": self.check,
            "pause": self.pause,
            "resume": self.resume,
            "acknowledge": self.acknowledge,
        }
        return [
            Route("/openapi.json", self.openapi),
            Route("/endpoints", self.endpoints),
            Route("/endpoints/{id}", self.endpoint),
            Route("/endpoints/{id}/history", self.history),
            *(Route(f"/endpoints/{{id}}/{name}", act, methods=["POST"]) for name, act in acts.items()),
            Route("/incidents", self.incidents),
            Route("/report", self.report),
            Route("/events", self.events),
            Route("/silences", self.silences, methods=["GET", "POST"]),
            Route("/silences/{id}", self.end_silence, methods=["DELETE"]),
        ]

    async def openapi(self, _request: Request) -> Response:
        """The OpenAPI document."""
        return Json(document())

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    async def endpoints(self, request: Request) -> Response:
        """The state of every selected endpoint."""
        selects = compile_selection(request.query_params.getlist("select"))
        picture = await self._source.picture()
        certificates = await self._source.certificates()
        counts = await self._client.counts(uptimes=True)
        states = endpoint_states(picture, selects, counts, certificates)
        return Json(status_document(states, picture.now))

    async def endpoint(self, request: Request) -> Response:
        """One endpoint's state."""
        return Json(await self._state(request))

    async def _state(self, request: Request) -> dict[str, Any]:
        info, status, now = await self._named(request)
        certificates = await self._source.certificates() if status.not_after else {}
        counts = await self._client.counts(info.handle - 1, pages=1, uptimes=True)
        uptimes = counts[0].uptimes if counts and counts[0].handle == info.handle else ()
        certificate = certificates.get(info.handle)
        return endpoint_state(info, status, uptimes=uptimes, certificate=certificate, now=now)

    async def _named(self, request: Request) -> tuple[EndpointInfo, EndpointStatus, float]:
        picture = await self._source.picture()
        id = request.path_params["id"].replace(SLASH, "/")
        for info, status in picture.endpoints():
            if info.id == id:
                return info, status, picture.now
        raise ApiError(404, "no endpoint has this id")

    async def history(self, request: Request) -> Response:
        """One endpoint's latencies and failures over time."""
        info, _row, now = await self._named(request)
        since = _moment(request, "since", now, now - _DAY)
        until = _moment(request, "until", now, now)
        step = _step(request, since, until)
        past = await self._past.series(info.id, since, until, step)
        if past is None:
            detail = await self._client.detail(info.handle, since)
            past = Series(series(detail.points, since, until, step), {})
        return Json(
            {
                "id": info.id,
                "since": iso_time(since),
                "until": iso_time(until),
                "step_s": step,
                "points": past.points,
                **({"locations": past.locations} if past.locations else {}),
            }
        )

    async def incidents(self, request: Request) -> Response:
        """Incidents, the newest first."""
        picture = await self._source.picture()
        since = _moment(request, "since", picture.now, float("-inf"))
        wanted = _flag(request, "open")
        stored = None if since == float("-inf") else await self._past.incidents(since, picture.now)
        found = [
            one
            for one in {**{one.id: one for one in stored or ()}, **picture.incidents}.values()
            if (one.ended is None or one.ended >= since) and (wanted is None or (one.ended is None) is wanted)
        ]
        found.sort(key=lambda one: one.began, reverse=True)
        return Json({"incidents": [incident_json(one, picture.now) for one in found]})

    async def report(self, request: Request) -> Response:
        """The report, in the format of `monitor report --format json`."""
        picture = await self._source.picture()
        since = _moment(request, "since", picture.now, picture.now - 30 * _DAY)
        until = min(_moment(request, "until", picture.now, picture.now), picture.now)
        if since >= until:
            raise ApiError(422, "since must be before until")
        by = _BYS.get(request.query_params.get("by", "endpoint"))
        if by is None:
            raise ApiError(422, "by: write endpoint, group or tag")
        selects = compile_selection(request.query_params.getlist("select"))
        period = Period(since=since, until=until, now=picture.now)
        stored = await self._past.report(period, selects, by)
        if stored is not None:
            return Json(document_of(stored))
        measures = await self._client.measures(since, until)
        return Json(report_json(picture, measures, period, by, selects))

    async def events(self, request: Request) -> Response:
        """A stream of state changes."""
        await self._source.picture()  # answers 503 before the stream begins if the engine does not answer
        if self._streams >= _STREAMS:
            raise ApiError(429, "too many streams of events are open", {"Retry-After": "10"})
        if request.method == "HEAD":  # has no body, so it must not wait for events
            return Response(media_type="text/event-stream")
        self._streams += 1
        return _EventStream(self._events.stream(request.headers.get("last-event-id", "")), self._stream_ended)

    def _stream_ended(self) -> None:
        self._streams -= 1

    # ── doing ───────────────────────────────────────────────────────────────────────────────────

    async def check(self, request: Request) -> Response:
        """Check an endpoint now."""
        info, _, _ = await self._named(request)
        done = await self._client.command(CheckNow(handles=(info.handle,)))
        return await self._done(request, done, saved=False)

    async def pause(self, request: Request) -> Response:
        """Pause an endpoint."""
        info, _, _ = await self._named(request)
        await self._client.command(Pause(handles=(info.handle,), by=_BY))
        return await self._done(request, Done(ok=True))

    async def resume(self, request: Request) -> Response:
        """Resume an endpoint."""
        info, _, _ = await self._named(request)
        await self._client.command(Resume(handles=(info.handle,), by=_BY))
        return await self._done(request, Done(ok=True))

    async def acknowledge(self, request: Request) -> Response:
        """Acknowledge an endpoint."""
        wanted = _parsed(await request.body(), _Acknowledgement)
        lasting = _seconds(wanted.lasting)
        info, status, _ = await self._named(request)
        order = Acknowledge(handles=(info.handle,), by=_BY, note=wanted.note, lasting=lasting)
        done = await self._client.command(order)
        return await self._done(request, Done(ok=True) if status.acknowledged else done)

    async def _done(self, request: Request, done: Done, *, saved: bool = True) -> Response:
        """The endpoint's state after a command; ``saved``: which the history keeps."""
        if not done.ok:
            raise ApiError(409, done.text)
        self._source.expire()
        state = await self._state(request)
        return Json({**state, **(await self._warning() if saved else {})})

    async def _warning(self) -> dict[str, str]:
        """A warning if the history cannot keep what a command changed; empty otherwise."""
        trouble = (await self._source.picture()).stats.history
        return {"warning": f"a restart would lose it: {trouble}"} if trouble else {}

    async def silences(self, request: Request) -> Response:
        """List the silences in force, or start one."""
        if request.method == "POST":
            return await self._start_silence(request)
        return Json({"silences": [silence(one) for one in await self._client.silences()]})

    async def _start_silence(self, request: Request) -> Response:
        wanted = _parsed(await request.body(), _Silence)
        if not wanted.select:
            raise ApiError(422, "select: names nothing")
        compile_selection(wanted.select)
        order = StartSilence(
            select=tuple(wanted.select), lasting=_seconds(wanted.lasting), by=_BY, note=wanted.note
        )
        started = await self._client.try_silence(order)
        if isinstance(started, str):
            raise ApiError(422, started)
        self._source.expire()
        return Json({**silence(started), **await self._warning()}, 201)

    async def end_silence(self, request: Request) -> Response:
        """End a silence."""
        done = await self._client.command(EndSilence(id=request.path_params["id"], by=_BY))
        if not done.ok:
            raise ApiError(404, done.text)
        self._source.expire()
        warning = (await self._warning()).get("warning", "")
        return Response(status_code=204, headers={"Monitor-Warning": _ascii(warning)} if warning else None)


def _ascii(text: str) -> str:
    """``text`` as a header's value."""
    return plain(text, 500).encode("ascii", "replace").decode()


def _step(request: Request, since: float, until: float) -> float:
    if since >= until:
        raise ApiError(422, "since must be before until")
    text = request.query_params.get("step")
    try:
        step = max((until - since) / 200, 1.0) if text is None else parse_duration(text)
    except ValueError as error:
        raise ApiError(422, f"step: {error}") from None
    if step <= 0 or (until - since) / step > BUCKETS:
        least = format_duration(max(round((until - since) / BUCKETS), 1))
        raise ApiError(422, f"step: makes more than {BUCKETS} points; {least} and more will do")
    return step
