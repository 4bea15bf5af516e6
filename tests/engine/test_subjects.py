"""What the alerts have to know when they go on after a restart."""

from simulation import EPOCH, Simulation, alert, endpoint

from monitor.engine.subjects import subjects
from monitor.model import State


def test_endpoints_are_as_the_tracker_has_them() -> None:
    def world(id: str, at: float) -> str:
        return {"a": "u", "b": "d", "c": "g"}[id] if at > 60 else "u"

    sim = Simulation([endpoint("a"), endpoint("b"), endpoint("c")], [alert()], world)
    sim.run(300)
    a, b, c = subjects(sim.tracker)
    assert (a.state, a.is_unremarkable) == (State.UP, True)
    assert b.state is State.DOWN
    assert b.incident == sim.tracker.incidents.open("b")
    assert b.opened > EPOCH
    assert (c.state, c.is_unremarkable) == (State.DEGRADED, False)
