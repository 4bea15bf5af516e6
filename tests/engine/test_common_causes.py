"""Incidents that began together and share something."""

from __future__ import annotations

import pytest
from virtual import Script, endpoint, until, virtual, watching

from monitor.engine.common_causes import TOGETHER, newest_together
from monitor.model import Cause, Incident
from monitor.model.events import IncidentAnnotated


def incident(began: float) -> Incident:
    return Incident(id=f"{began:09.1f}", endpoint=f"{began}", handle=0, name="", began=began)


@pytest.mark.parametrize(
    ("began", "together"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([0.0, TOGETHER, 2 * TOGETHER], [0.0, TOGETHER, 2 * TOGETHER]),
        ([0.0, TOGETHER + 1, TOGETHER + 2], [TOGETHER + 1, TOGETHER + 2]),
        ([9.0, 3.0, 500.0], [500.0]),
    ],
)
def test_incidents_belong_together_while_each_begins_soon_after_the_one_before(began, together):
    assert [one.began for one in newest_together(map(incident, began))] == together


@virtual
async def test_a_common_cause_stands_on_each_incident_that_it_explains():
    script = Script(a="uudd", b="uudd", c="uu", d="uudd")
    shops = [endpoint(name, group="shop") for name in "ab"]
    async with watching(script, *shops, endpoint("c")) as running:
        noted = []
        running.engine.publisher.subscribe(
            lambda event: noted.append(event) if isinstance(event, IncidentAnnotated) else None
        )
        await until(120)
        incidents = {one.endpoint: one for one in running.engine.incidents.values()}
        cause = Cause(kind="group", value="shop", count=2)
        assert {id: one.common_cause for id, one in incidents.items()} == {"a": cause, "b": cause}
        assert {one.outage for one in incidents.values()} == {min(one.id for one in incidents.values())}
        assert len(noted) == 2


@virtual
async def test_an_incident_alone_has_none():
    async with watching(Script(a="uudd"), endpoint("a"), endpoint("b")) as running:
        await until(120)
        (only,) = running.engine.incidents.values()
        assert (only.common_cause, only.outage) == (None, "")
