"""What a dashboard asks of the history: charts, a past moment, incidents; with the size of answers over ssh.

    python bench/past.py [endpoints]     default: 1000

The history has 31 days as an engine leaves them, 20 changes of state and 10 incidents an endpoint. Every
question is asked five times, each time of another moment; the slowest counts.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import store

from monitor.model import Ending, Incident, State
from monitor.model.events import IncidentOpened, StateChanged
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.past import GetPast, Question, answer, encode
from monitor.store.recording import Recording
from monitor.store.travel import GetPastIncidents, GetPastLog, GetPastStates, GetStateChange
from monitor.tui.data.board import SAMPLES
from monitor.tui.data.stored_moment import PART

DAY = 86400.0
_RANDOM = random.Random(1)


def main() -> None:
    endpoints = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "h.db"
        store.write_days(path, endpoints, 31)
        _add_outages(path, endpoints)
        print(f"{endpoints} endpoints, 31 days, {path.stat().st_size / 1e6:.0f} MB")
        now = time.time()
        for days in (1, 7, 30):
            _report(f"chart of {days} d", path, lambda at, days=days: _chart(now - at, days))  # type: ignore[misc]
        _report("incidents, a page", path, lambda at: GetPastIncidents(moment=now - at))
        _report("log", path, lambda at: GetPastLog(moment=now - at))
        _report("next change", path, lambda at: GetStateChange(moment=now - at, later=True))
        _report("states, a page without samples", path, lambda at: GetPastStates(moment=now - at, samples=0))
        _report("states, a page with samples", path, lambda at: GetPastStates(moment=now - at))
        for name, (samples, shown) in _GOING_BACK.items():
            moments = [now - number * DAY / 3 for number in range(1, 6)]
            spent = [_asked(path, _states(at, samples, shown or endpoints)) for at in moments]
            print(f"  {name:<34}{max(one[0] for one in spent) * 1e3:9.1f} ms", end="")
            print(f" {max(one[1] for one in spent) / 1e3:9.1f} kB")


def _chart(until: float, days: int) -> GetPast:
    chosen = f"host-{_RANDOM.randrange(20)}"
    return GetPast(endpoint=chosen, since=until - days * DAY, until=until, parts=120)


def _report(name: str, path: Path, question: Callable[[float], Question]) -> None:
    took, sizes = [], []
    for number in range(5):
        began = time.perf_counter()
        found = answer(path, question(3600.0 + number * DAY / 3))
        took.append(time.perf_counter() - began)
        sizes.append(len(encode(found)))
    print(f"  {name:<34}{max(took) * 1e3:9.1f} ms {max(sizes) / 1e3:9.1f} kB")


def _states(moment: float, samples: int, shown: int) -> Iterator[GetPastStates]:
    """The questions for the states of all endpoints with samples of the first ``shown``."""
    ids = [f"host-{number}" for number in range(shown)]
    for first in range(0, shown, PART):
        yield GetPastStates(moment=moment, samples=samples, endpoints=tuple(ids[first : first + PART]))


# What a dashboard asks for after the states: samples and endpoints; None for all.
_GOING_BACK = {
    "going back: samples of all": (SAMPLES, None),
    "going back: rows of 200x50": (SAMPLES, 46),
    "going back: rows of 80x24": (SAMPLES, 21),
    "going back: last sample of all": (1, None),
}


def _asked(path: Path, questions: Iterable[GetPastStates]) -> tuple[float, int]:
    """Seconds and bytes of the answers."""
    began = time.perf_counter()
    size = sum(len(encode(answer(path, question))) for question in questions)
    return time.perf_counter() - began, size


def _add_outages(path: Path, endpoints: int) -> None:
    now = time.time()
    with closing(connect(path)) as database:
        recording = Recording(database)
        database.execute("BEGIN")
        for number in range(endpoints):
            id = f"host-{number}"
            for place in range(10):
                began = now - _RANDOM.random() * 30 * DAY
                recording.write(Batch(list(_outage(id, f"{number:06}-{place}", began))))
        database.execute("COMMIT")


def _outage(id: str, incident: str, began: float) -> tuple[StateChanged, StateChanged, IncidentOpened]:
    made = Incident(
        id=incident,
        endpoint=id,
        handle=0,
        name=id,
        began=began,
        ended=began + 300,
        ending=Ending.RECOVERED,
        cause="connection refused by 192.0.2.1:443",
        failed=30,
    )
    return (
        StateChanged(at=began, endpoint=id, before=State.UP, after=State.DOWN),
        StateChanged(at=began + 300, endpoint=id, before=State.DOWN, after=State.UP),
        IncidentOpened(at=began, incident=made),
    )


if __name__ == "__main__":
    main()
