"""The engine's side of the link."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import pwd
import stat
import time
from math import inf, nan
from pathlib import Path
from typing import Any

import msgspec
import pytest

from monitor.errors import LinkError
from monitor.link import edits
from monitor.link.certificates import Certificates, GetCertificates
from monitor.link.frames import LARGEST_REQUEST, read_frame, write_frame
from monitor.link.messages import (
    PROTOCOL,
    Acknowledge,
    Answer,
    Changes,
    CheckNow,
    Detail,
    Done,
    GetDetail,
    GetStatesAt,
    Hello,
    Pause,
    Pull,
    Refused,
    Reload,
    Restrict,
    Resume,
    SilenceEndpoints,
    Snapshot,
    StatesAt,
    decode_answer,
    encode,
)
from monitor.link.paths import TracePath
from monitor.link.peer import name_of
from monitor.link.silences import (
    EndSilence,
    ExtendSilence,
    GetMaintenance,
    GetSilences,
    MaintenanceWindows,
    Silences,
    StartSilence,
)
from monitor.model import Maintenance, State


class Dashboard:
    """One connection, by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def at(cls, socket: Path) -> Dashboard:
        return cls(*await asyncio.open_unix_connection(socket))

    async def ask(self, request: object) -> Answer:
        await write_frame(self.writer, encode(request))
        return await self.answer()

    async def answer(self) -> Answer:
        frame = await read_frame(self.reader)
        assert frame is not None
        return decode_answer(frame)

    async def is_let_go(self) -> bool:
        try:
            return await read_frame(self.reader) is None
        except LinkError:
            return True

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@pytest.fixture
async def dashboard(served: Any) -> Any:
    dashboard = await Dashboard.at(served.socket)
    yield dashboard
    await dashboard.leave()


async def test_only_this_user_may_open_the_socket(served: Any):
    mode = served.socket.stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_a_socket_that_cannot_be_is_a_link_error(served: Any, tmp_path: Path):
    for impossible in (tmp_path / "missing" / "s", tmp_path / ("x" * 200)):
        with pytest.raises(LinkError, match="cannot listen on"):
            await served.server.listen(impossible)


async def test_hello_gets_the_whole_picture(dashboard: Dashboard):
    told = await dashboard.ask(Hello())
    assert isinstance(told, Snapshot)
    assert [info.name for info in told.infos] == ["a", "b", "c"]
    assert [row.state for row in told.statuses] == [State.PENDING] * 3


async def test_another_protocol_is_refused(dashboard: Dashboard):
    told = await dashboard.ask(Hello(protocol=PROTOCOL + 1))
    assert told == Refused(text=f"the engine speaks protocol {PROTOCOL}, the dashboard {PROTOCOL + 1}")
    assert isinstance(await dashboard.ask(Hello()), Snapshot)


async def test_who_has_not_said_hello_is_told_nothing_new(dashboard: Dashboard):
    assert await dashboard.ask(Pull()) == Refused(text="say hello first")


async def test_a_pull_is_answered_at_once_with_what_changed(served: Any, dashboard: Dashboard):
    await dashboard.ask(Hello())
    told = await dashboard.ask(Pull())
    assert isinstance(told, Changes)
    assert told.statuses == ()
    served.engine.pause([1])
    told = await dashboard.ask(Pull())
    assert isinstance(told, Changes)
    assert [(row.handle, row.state) for row in told.statuses] == [(1, State.PAUSED)]


async def checked(dashboard: Dashboard, handle: int) -> Any:
    """The row of an endpoint that has just been checked."""
    await dashboard.ask(CheckNow(handles=(handle,)))
    while True:
        told = await dashboard.ask(Pull())
        assert isinstance(told, Changes)
        for row in told.statuses:
            if row.handle == handle and row.total:
                return row


@pytest.mark.parametrize(("wanted", "samples"), [(3, 3), (0, 0), (-5, 0), (10**9, 4)])
async def test_no_more_samples_are_told_than_the_dashboard_wants(
    served: Any, dashboard: Dashboard, wanted: int, samples: int
):
    await dashboard.ask(Hello())
    for _ in range(4):
        await checked(dashboard, 0)
    told = await dashboard.ask(Hello(samples=wanted))
    assert isinstance(told, Snapshot)
    assert len(told.statuses[0].outcomes) == samples
    assert told.statuses[0].total == 4


async def test_certificates_are_reported(dashboard: Dashboard):
    await dashboard.ask(Hello())
    assert await dashboard.ask(GetCertificates()) == Certificates(certificates=())


@pytest.mark.parametrize(("wanted", "samples"), [(9, 3), (2, 2), (0, 0), (-5, 0)])
async def test_the_past_is_told_with_as_many_samples_as_asked_for(
    dashboard: Dashboard, wanted: int, samples: int
):
    await dashboard.ask(Hello())
    for _ in range(3):
        await checked(dashboard, 0)
    told = await dashboard.ask(GetStatesAt(moment=1e12, samples=wanted))
    assert isinstance(told, StatesAt)
    assert len(told.statuses[0].outcomes) == samples


async def test_details_are_told_and_refused_for_what_has_gone(dashboard: Dashboard):
    await dashboard.ask(Hello())
    await checked(dashboard, 0)
    told = await dashboard.ask(GetDetail(handle=0))
    assert isinstance(told, Detail)
    assert told.last is not None
    assert told.last.message == "200 OK"
    assert await dashboard.ask(GetDetail(handle=99)) == Refused(
        text="this endpoint is no longer in the config"
    )


async def test_orders_are_carried_out_and_answered_in_words(served: Any, dashboard: Dashboard):
    exchanges = [
        (CheckNow(handles=(0,)), True, "checking 1 endpoint"),
        (CheckNow(handles=(0, 1, 99)), True, "checking 2 endpoints"),
        (CheckNow(handles=(99,)), False, "nothing to check"),
        (TracePath(handles=(0, 99)), False, "no address is known here, or trace_path is false"),
        (Pause(handles=(0, 1)), True, "paused 2 endpoints"),
        (Pause(handles=(0,)), False, "paused already"),
        (Resume(handles=(0,)), True, "resumed 1 endpoint"),
        (Resume(handles=(0,)), False, "nothing here to resume"),
        (Acknowledge(handles=(1,)), True, "acknowledged 1 endpoint"),
        (Acknowledge(handles=(1,)), False, "nothing to acknowledge"),
        (Acknowledge(handles=(1,), on=False), True, "no longer acknowledged: 1 endpoint"),
        (Acknowledge(handles=(1,), on=False), False, "was not acknowledged"),
        (SilenceEndpoints(handles=(1,), until=time.time() + 3600), True, "silenced 1 endpoint for 1h"),
        (SilenceEndpoints(handles=(1,), until=1.0), False, "nothing to silence"),
        (SilenceEndpoints(handles=(1,), on=False), True, "no longer silenced: 1 endpoint"),
        (SilenceEndpoints(handles=(1,), on=False), False, "was not silenced"),
        (Reload(), True, "config reloaded: no change"),
    ]
    for request, ok, text in exchanges:
        assert await dashboard.ask(request) == Done(ok=ok, text=text)
    assert served.reloads == 1
    assert served.engine.endpoints[1].state is State.PAUSED


async def test_an_endpoint_that_is_named_twice_is_one(dashboard: Dashboard):
    exchanges = (
        (Acknowledge(handles=(1, 1)), "acknowledged 1 endpoint"),
        (Pause(handles=(0, 0)), "paused 1 endpoint"),
    )
    for request, text in exchanges:
        assert await dashboard.ask(request) == Done(ok=True, text=text)


@pytest.mark.parametrize("number", [nan, inf, -inf, 1e300, -1e300])
async def test_numbers_that_are_no_times_do_no_harm(served: Any, dashboard: Dashboard, number: float):
    await dashboard.ask(Hello())
    assert isinstance(await dashboard.ask(GetDetail(handle=0, since=number)), Detail)
    assert await dashboard.ask(SilenceEndpoints(handles=(0,), until=number)) == Done(
        ok=False, text="nothing to silence"
    )
    assert served.engine.endpoints[0].silence is None


async def test_requests_sent_at_once_are_answered_in_order(dashboard: Dashboard):
    for request in (Hello(), Pause(handles=(0,)), Pull(), GetDetail(handle=0)):
        await write_frame(dashboard.writer, encode(request))
    kinds = [type(await dashboard.answer()) for _ in range(4)]
    assert kinds == [Snapshot, Done, Changes, Detail]


# ── several, and bad ones ───────────────────────────────────────────────────────────────────────


async def test_dashboards_have_feeds_of_their_own(served: Any, dashboard: Dashboard):
    other = await Dashboard.at(served.socket)
    await dashboard.ask(Hello())
    await other.ask(Hello())
    served.engine.pause([0])
    for one in (dashboard, other):
        told = await one.ask(Pull())
        assert isinstance(told, Changes)
        assert [row.handle for row in told.statuses] == [0]
    await other.leave()


async def test_a_second_hello_begins_anew_and_leaves_no_feed_behind(served: Any, dashboard: Dashboard):
    for _ in range(5):
        await dashboard.ask(Hello())
    assert len(served.engine._feeds) == 1


async def gone(served: Any, left: int) -> None:
    """Wait until the server has noticed who went."""
    while len(served.server._dashboards) > left:
        await asyncio.wait(served.server._dashboards, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0)


async def test_who_leaves_is_forgotten(served: Any):
    for _ in range(3):
        dashboard = await Dashboard.at(served.socket)
        await dashboard.ask(Hello())
        await dashboard.leave()
    await gone(served, 0)
    assert not served.engine._feeds


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        (LARGEST_REQUEST + 1).to_bytes(4, "big"),
        b"\x00\x00\x00\x03\xff\xff\xff",
        b"\x00\x00\x00\x08\x81\xa4type\xa1\xff",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x05" + msgspec.msgpack.encode({"type": "Boo"})[:5],
        b"\x00\x00\x00" + bytes([len(encode(Done(ok=True)))]) + encode(Done(ok=True)),
    ],
    ids=["http", "too long", "no message", "no text", "empty", "cut", "an answer"],
)
async def test_garbage_drops_that_dashboard_and_no_other(served: Any, dashboard: Dashboard, garbage: bytes):
    await dashboard.ask(Hello())
    bad = await Dashboard.at(served.socket)
    bad.writer.write(garbage)
    assert await bad.is_let_go()
    await bad.leave()
    assert isinstance(await dashboard.ask(Pull()), Changes)


async def test_who_leaves_in_the_middle_of_a_request_is_forgotten(served: Any):
    dashboard = await Dashboard.at(served.socket)
    await dashboard.ask(Hello())
    dashboard.writer.write(b"\x00\x00\x01\x00abc")
    await dashboard.leave()
    await gone(served, 0)
    assert not served.engine._feeds


async def test_who_does_not_read_its_answers_stalls_nobody(served: Any, dashboard: Dashboard):
    await dashboard.ask(Hello())
    slow = await Dashboard.at(served.socket)
    slow.reader._transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(3000):  # far more than the sockets hold
        slow.writer.write(len(encode(Hello())).to_bytes(4, "big") + encode(Hello()))
    for _ in range(50):
        assert isinstance(await dashboard.ask(Pull()), Changes)
    slow.writer.transport.abort()
    await gone(served, 1)
    assert len(served.engine._feeds) == 1


async def test_closing_lets_go_of_everybody(served: Any):
    dashboards = [await Dashboard.at(served.socket) for _ in range(3)]
    for dashboard in dashboards:
        await dashboard.ask(Hello())
    await served.server.close()
    for dashboard in dashboards:
        assert await dashboard.is_let_go()
        await dashboard.leave()
    assert not served.engine._feeds
    with pytest.raises(OSError, match=r"."):
        await Dashboard.at(served.socket)


async def test_a_server_that_never_listened_can_be_closed(served: Any):
    await type(served.server)(served.engine, served).close()


# ── who is there, and what they may do ──────────────────────────────────────────────────────────


CHANGES = (
    CheckNow(handles=(0,)),
    TracePath(handles=(0,)),
    Pause(handles=(0,)),
    Resume(handles=(0,)),
    Acknowledge(handles=(0,)),
    SilenceEndpoints(handles=(0,), until=4e9),
    Reload(),
    EndSilence(id="1"),
    ExtendSilence(id="1"),
)


@pytest.mark.parametrize("request_", CHANGES, ids=lambda one: type(one).__name__)
async def test_a_connection_that_is_read_only_changes_nothing(
    served: Any, dashboard: Dashboard, request_: object
):
    assert await dashboard.ask(Restrict()) == Done(ok=True)
    await dashboard.ask(Hello())
    assert await dashboard.ask(request_) == Done(ok=False, text="this connection is read-only")
    assert served.reloads == 0
    assert not served.engine.endpoints[0].paused
    assert isinstance(await dashboard.ask(Pull()), Changes)
    assert isinstance(await dashboard.ask(GetDetail(handle=0)), Detail)


async def test_silences_are_started_told_and_ended(served: Any, dashboard: Dashboard):
    started = await dashboard.ask(StartSilence(select=("a", "b"), lasting=60.0, note="deploy"))
    assert isinstance(started, Silences)
    (silence,) = started.silences
    assert (silence.select, silence.note, silence.by) == (("a", "b"), "deploy", name_of(os.geteuid()))
    assert await dashboard.ask(GetSilences()) == started
    assert served.engine.endpoints[0].silence == silence
    assert await dashboard.ask(EndSilence(id=silence.id)) == Done(ok=True, text="no longer silenced")
    assert await dashboard.ask(GetSilences()) == Silences(silences=())
    assert await dashboard.ask(EndSilence(id="nope")) == Done(ok=False, text="there is no silence 'nope'")


async def test_a_silence_is_extended(served: Any, dashboard: Dashboard):
    started = await dashboard.ask(StartSilence(select=("a",), lasting=60.0, note="deploy"))
    assert isinstance(started, Silences)
    (before,) = started.silences
    for lasting in (7200.0, None):
        assert await dashboard.ask(ExtendSilence(id=before.id, lasting=lasting)) == Done(
            ok=True, text="extended"
        )
        (after,) = served.engine.tracker.silences.values()
        assert (after.id, after.note) == (before.id, "deploy")
        assert served.engine.endpoints[0].silence == after
        assert after.until is None if lasting is None else after.until > before.until + 7000


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (ExtendSilence(id="nope", lasting=60.0), "there is no silence 'nope'"),
        (ExtendSilence(id="nope", lasting=nan), "more than 0 seconds"),
        (ExtendSilence(id="nope", lasting=-1.0), "more than 0 seconds"),
    ],
)
async def test_an_extension_that_cannot_be_meant_is_refused(
    dashboard: Dashboard, wanted: ExtendSilence, why: str
):
    done = await dashboard.ask(wanted)
    assert isinstance(done, Done)
    assert not done.ok
    assert why in done.text


async def test_maintenance_windows_are_listed(served: Any, dashboard: Dashboard):
    window = Maintenance(name="Sunday", select=("a",), cron="0 3 * * sun", duration=3600.0, timezone="UTC")
    served.engine.config = dataclasses.replace(served.engine.config, maintenance=(window,))
    told = await dashboard.ask(GetMaintenance())
    assert isinstance(told, MaintenanceWindows)
    (listed,) = told.windows
    assert (listed.name, listed.select, listed.schedule) == ("Sunday", ("a",), "0 3 * * sun (UTC)")
    assert listed.next > served.engine.clock()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (StartSilence(select=("nope",)), "no endpoint matches nope"),
        (StartSilence(select=("grup:a",)), "did you mean"),
        (StartSilence(select=("a",), lasting=0.0), "more than 0 seconds"),
        (StartSilence(select=("a",), lasting=nan), "more than 0 seconds"),
        (StartSilence(select=("a",), lasting=inf), "more than 0 seconds"),
    ],
)
async def test_a_silence_that_cannot_be_meant_is_refused(
    dashboard: Dashboard, wanted: StartSilence, why: str
):
    told = await dashboard.ask(wanted)
    assert isinstance(told, Refused)
    assert why in told.text


async def test_a_connection_that_is_read_only_silences_nothing(served: Any, dashboard: Dashboard):
    await dashboard.ask(Restrict())
    assert isinstance(await dashboard.ask(StartSilence(select=("a",))), Refused)
    assert not served.engine.tracker.silences


async def test_a_connection_that_is_read_only_leaves_the_config_alone(served: Any, dashboard: Dashboard):
    await dashboard.ask(Restrict())
    for request in (edits.Undo(edit=1), edits.Try(texts={}), edits.Add(texts={})):
        assert await dashboard.ask(request) == Refused(text="this connection is read-only")


async def test_each_dashboard_knows_who_else_looks(served: Any, dashboard: Dashboard):
    def others(told: Answer) -> tuple[str, ...]:
        assert isinstance(told, Snapshot | Changes)
        return told.stats.others

    me = name_of(os.geteuid())
    assert others(await dashboard.ask(Hello())) == ()
    second, script = [await Dashboard.at(served.socket) for _ in range(2)]
    await script.ask(Hello(dashboard=False))
    assert others(await second.ask(Hello())) == (me,)
    assert others(await dashboard.ask(Pull())) == (me,)
    await second.leave()
    await gone(served, 2)
    assert others(await dashboard.ask(Pull())) == ()
    await script.leave()


async def test_marks_have_the_name_of_the_user_at_the_socket(
    served: Any, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
):
    await dashboard.ask(Pause(handles=(0, 1)))
    await dashboard.ask(Acknowledge(handles=(0,)))
    assert served.engine.endpoints[0].acknowledged.by == name_of(os.geteuid())
    await dashboard.ask(Acknowledge(handles=(0,), by="the web"))  # our own user may speak for others
    assert served.engine.endpoints[0].acknowledged.by == "the web"
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)  # now the engine is another user's
    await dashboard.ask(Acknowledge(handles=(1,), by="the boss"))
    assert served.engine.endpoints[1].acknowledged.by == name_of(pwd.getpwnam(name_of(os.getuid())).pw_uid)
