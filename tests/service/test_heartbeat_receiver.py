"""Whose heartbeats are taken."""

from __future__ import annotations

import pytest

from monitor.link.figures import Report
from monitor.model import Endpoint
from monitor.probes._heartbeats import Heartbeats
from monitor.probes.push import Push
from monitor.probes.tcp import Tcp
from monitor.service.heartbeat_receiver import HeartbeatReceiver


def endpoint(name: str, **keys: str) -> Endpoint:
    return Endpoint(id=name, name=name, probe=Push(url=f"push:{name}", **keys))


ENDPOINTS = (
    endpoint("open"),
    endpoint("backup", token="s3cret"),
    endpoint("nightly job"),
    Endpoint(id="x", name="x", probe=Tcp(url="tcp://192.0.2.1:1")),
)


@pytest.mark.parametrize(
    ("report", "status", "heard"),
    [
        (Report(path="open"), 200, "open"),
        (Report(path="open/"), 200, "open"),
        (Report(path="nightly job"), 200, "nightly job"),
        (Report(path="backup", token="s3cret"), 200, "backup"),
        (Report(path="backup"), 401, None),
        (Report(path="backup", token="s3cre"), 403, None),
        (Report(path="backup", token="ünï"), 403, None),
        (Report(path="open", status="down", note="no"), 200, "open"),
        (Report(path="open", status="sideways"), 422, None),
        (Report(path="open/start"), 200, "open"),
        (Report(path="nightly job/1"), 200, "nightly job"),
        (Report(path="open/256"), 422, None),
        (Report(path="backup/fail"), 401, None),
        (Report(path="backup/nonsense"), 401, None),
        (Report(path="backup/fail", token="s3cret"), 200, "backup"),
        (Report(path="x"), 404, None),
        (Report(path=""), 404, None),
    ],
)
async def test_a_heartbeat_is_taken_or_refused(report: Report, status: int, heard: str | None):
    names: list[str] = []
    heartbeats = Heartbeats()
    heartbeats.heard = names.append
    assert HeartbeatReceiver(heartbeats, ENDPOINTS).report(report).status == status
    assert names == [heard] * (heard is not None)


async def test_what_it_says_is_kept_and_harmless():
    heartbeats = Heartbeats()
    HeartbeatReceiver(heartbeats, ENDPOINTS).report(Report(path="open", note="3 files\x1b[2J"))
    beat = heartbeats.last("open")
    assert beat is not None
    assert beat.note == "3 files␛[2J"


async def test_a_new_config_has_other_heartbeats():
    receiver = HeartbeatReceiver(Heartbeats(), ENDPOINTS)
    receiver.use(ENDPOINTS[:1])
    assert receiver.report(Report(path="backup", token="s3cret")).status == 404
    assert receiver.report(Report(path="open")).status == 200
