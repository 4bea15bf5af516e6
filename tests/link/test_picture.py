"""An engine's picture without a screen."""

from __future__ import annotations

from typing import Any

from monitor.link.client import Client
from monitor.link.messages import Changes, EndpointInfo, EndpointStatus, EngineStats, Snapshot
from monitor.link.picture import Picture, whole_picture
from monitor.model import Incident, State


def info(handle: int, name: str = "") -> EndpointInfo:
    return EndpointInfo(
        handle=handle, id=f"id-{handle}", name=name or f"n{handle}", kind="tcp", target="tcp://x:1"
    )


def row(handle: int, state: State = State.UP) -> EndpointStatus:
    return EndpointStatus(handle=handle, state=state, since=1.0)


def begun(*handles: int) -> Picture:
    picture = Picture()
    infos, rows = tuple(map(info, handles)), tuple(map(row, handles))
    picture.begin(Snapshot(version="1", title="t", started_at=1.0, now=2.0, infos=infos, statuses=rows))
    return picture


def incident(id: str, ended: float | None = None) -> Incident:
    return Incident(id=id, endpoint="id-0", handle=0, name="n0", began=1.0, ended=ended)


def test_changes_are_applied():
    picture = begun(0, 1)
    picture.apply(Changes(now=3.0, statuses=(row(0, State.DOWN), row(1)), stats=EngineStats(queued=1)))
    assert [status.state for _, status in picture.endpoints()] == [State.DOWN, State.UP]
    assert (picture.now, picture.stats.queued) == (3.0, 1)


def test_a_new_endpoint_has_its_place():
    picture = begun(0)
    picture.apply(Changes(now=3.0, infos=(info(1),), statuses=(row(1, State.DOWN),), order=(1, 0)))
    assert [one.name for one, _ in picture.endpoints()] == ["n1", "n0"]


def test_what_left_the_config_is_gone():
    picture = begun(0, 1)
    picture.apply(Changes(now=3.0, order=(1,)))
    assert [one.handle for one, _ in picture.endpoints()] == [1]
    assert list(picture.statuses) == [1]


def test_incidents_are_kept_replaced_and_forgotten(monkeypatch: Any):
    monkeypatch.setattr("monitor.link.picture._INCIDENTS", 2)
    picture = begun(0)
    picture.apply(Changes(now=3.0, incidents=(incident("a"), incident("b"))))
    picture.apply(Changes(now=3.0, incidents=(incident("a", ended=2.0),), forgotten=("b",)))
    assert {id: one.ended for id, one in picture.incidents.items()} == {"a": 2.0}
    picture.apply(Changes(now=3.0, incidents=tuple(incident(id, ended=2.0) for id in "cd")))
    assert list(picture.incidents) == ["c", "d"]


async def test_the_whole_picture_of_very_many_comes_in_parts(served: Any, monkeypatch: Any):
    monkeypatch.setattr("monitor.engine.feed.AT_ONCE", 2)
    client = Client(served.socket)
    picture = await whole_picture(client)
    assert [one.name for one, _ in picture.endpoints()] == ["a", "b", "c"]
    await client.close()
