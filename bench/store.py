"""The history on disk: what writing takes, how large it gets, and how fast it is read.

    python bench/store.py [write] [lateness] [report] [slower] [resume]     default: all of them

``write`` has the writer's thread take the results of 1,000 endpoints, for two hours and a bit that pass as
fast as it can write, and prints its CPU time as a share of a core at 1,000 results a second, and the bytes
of a packed result in the file. ``lateness`` runs an engine with a history and one without on the same pages
at the same time. ``report`` makes the report of 30 days over 1,000 endpoints; ``slower`` compares the phases
of endpoints with their past; ``resume`` starts an engine
of 10,000 endpoints without a history, and again on the one that it left.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import rig

from monitor.judge.availability import Edge, Kind
from monitor.link.process import engine
from monitor.model import Reason, Result, Status
from monitor.model.events import Checked, EndpointAdded
from monitor.service.slowdown_watch import Slowdowns, Watched
from monitor.store import phases, summaries
from monitor.store.batch import Batch
from monitor.store.files import connect
from monitor.store.packing import Row, pack
from monitor.store.recording import HOUR, Recording, milliseconds
from monitor.store.rolling import DAY
from monitor.store.writer import Writer

INTERVAL = 10
START = 1_790_002_800.0
"""An hour's first second."""
_PHASES = ("dns", "connect", "tls", "wait", "transfer")
_RANDOM = random.Random(1)


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


def write(folder: Path, endpoints: int = 1000, hours: float = 2.2) -> None:
    """The writer's CPU time and the size of what it wrote."""
    print(f"{endpoints} endpoints every {INTERVAL} s, {hours:g} hours")
    now = [START]
    path = folder / "h.db"
    writer = Writer(path, clock=lambda: now[0])
    writer.start()
    writer.submit(Batch(events=[_added(number, START) for number in range(endpoints)]))
    seconds = round(hours * 3600)
    for second in range(seconds):
        now[0] = START + second
        writer.submit(Batch(events=list(_second(second, endpoints))))
        if second % 10 == 9:
            writer.flush().result()
    used = _cpu_of(writer)
    writer.close(60)
    results = seconds * endpoints // INTERVAL
    each = used / results
    print(f"  at 1,000 results/s      {each * 1000:8.2%} of a core, {each * 1e6:.1f} µs of CPU per result")
    with closing(sqlite3.connect(path)) as database:
        packed, minutes, days = (_bytes_of(database, name) for name in ("packed", "minutes", "hours"))
        of_minutes, of_hours = (_bytes_of(database, name) for name in ("minute_phases", "hour_phases"))
        (count,) = database.execute("SELECT sum(count) FROM packed").fetchone()
    print(f"  packed                  {packed / count:8.2f} bytes a result in the file ({count:,} results)")
    print(f"  minutes                 {minutes / count * 3600 / INTERVAL:8.0f} bytes an hour of an endpoint")
    print(
        f"  phases of minutes       {of_minutes / count * 3600 / INTERVAL:8.0f} bytes an hour of an endpoint"
    )
    print(f"  hours                   {days / endpoints:8.0f} bytes a day of an endpoint, of {hours:g} hours")
    print(f"  phases of hours         {of_hours / endpoints:8.0f} bytes a day of an endpoint")


def _bytes_of(database: sqlite3.Connection, table: str) -> int:
    """Bytes of a table and its index in the file."""
    sql = "SELECT sum(pgsize) FROM dbstat WHERE name IN (?, ?)"
    return int(database.execute(sql, (table, f"sqlite_autoindex_{table}_1")).fetchone()[0])


def _cpu_of(writer: Writer) -> float:
    """Seconds of CPU of the writer's thread so far."""
    (thread,) = (value for value in vars(writer).values() if isinstance(value, Thread))
    return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))


def _added(number: int, at: float) -> EndpointAdded:
    return EndpointAdded(
        at=at,
        endpoint=f"host-{number}",
        name=f"host {number}",
        group=f"group {number % 20}",
        tags=("bench",),
        kind="http",
        target=f"http://host-{number}.example/",
        interval=INTERVAL,
        timeout=5,
        slo=99.9,
    )


def _second(second: int, endpoints: int) -> Iterator[Checked]:
    """The results of a second: each endpoint keeps its slot of the grid, and now and then one fails."""
    for number in range(second % INTERVAL, endpoints, INTERVAL):
        at = START + second + number / endpoints + _RANDOM.random() * 0.002
        failed = _RANDOM.random() < 0.001
        result = Result(
            endpoint=f"host-{number}",
            status=Status.DOWN if failed else Status.UP,
            reason=Reason.READ_TIMEOUT if failed else None,
            message="no answer within 5s" if failed else "200 OK",
            checked_at=at,
            latency_ms=None if failed else _RANDOM.lognormvariate(3.5, 0.25),
            phases_ms={} if failed else {name: _RANDOM.lognormvariate(1.9, 0.25) for name in _PHASES},
        )
        yield Checked(at=at, endpoint=result.endpoint, result=result)


# ── lateness ────────────────────────────────────────────────────────────────────────────────────


def lateness(folder: Path, endpoints: int = 1000, interval: float = 5.0, minutes: float = 1.0) -> None:
    """How late checks start, and the engine's CPU time, with a history and without, in one run."""
    print(f"{endpoints} endpoints every {interval:g} s, with a history and without, at the same time")
    with rig.web_server() as port:
        configs = {}
        for name, history in (("with", "h.db"), ("without", "off")):
            (folder / name).mkdir()
            pages = rig.pages(f"http://127.0.0.1:{port}", endpoints)
            configs[name] = rig.write_config(folder / name, pages, f"interval = {interval}")
            rig.use_history(configs[name], history)
        with (
            engine(config=str(configs["with"])) as first,
            engine(config=str(configs["without"])) as second,
        ):
            asyncio.run(_side_by_side({"with": first, "without": second}, interval, minutes))


async def _side_by_side(children: dict[str, rig.LocalEngine], interval: float, minutes: float) -> None:
    sources = {name: child.source() for name, child in children.items()}
    await asyncio.gather(*(rig.first_checks(source) for source in sources.values()))
    cpu = {name: rig.cpu_seconds(child.pid) for name, child in children.items()}
    await asyncio.gather(*(rig.listen(source, minutes * 60) for source in sources.values()))
    for name, source in sources.items():
        used = (rig.cpu_seconds(children[name].pid) - cpu[name]) / (minutes * 60)
        times = await rig.starts(source, (await rig.picture(source)).handles[::4])
        late = rig.lateness_ms([own[1:] for own in times if own[1:]], interval)
        p50, p99 = rig.percentile(late, 0.5), rig.percentile(late, 0.99)
        print(f"  {name:<8} starts late by {p50:6.2f} ms p50, {p99:6.2f} ms p99; {used:.1%} of a core")


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def report(folder: Path, endpoints: int = 1000, days: int = 31) -> None:
    """A report of 30 days, from the start of the command to its end."""
    print(f"a report of 30 days over {endpoints} endpoints every {INTERVAL} s")
    write_days(folder / "h.db", endpoints, days)
    (folder / "m.toml").write_text('[monitor]\nhistory = "h.db"\n')
    for more in ([], ["--by", "group"], ["--format", "html"]):
        _timed(folder, "report", "--format", "json", *more)
    _timed(folder, "report", "--since", "1h")


def _timed(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "monitor", *arguments, "-c", str(folder / "m.toml"), "-o", "/dev/null"]
    took = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, check=True)
        took.append(time.perf_counter() - began)
    print(f"  {' '.join(arguments):<40} {min(took):8.2f} s")


def write_days(path: Path, endpoints: int, days: int) -> None:
    """A history that ends now: days as an engine leaves them behind, and the results of this hour."""
    now = milliseconds(time.time())
    this_hour = now - now % HOUR
    began = this_hour - this_hour % DAY - days * DAY
    with closing(connect(path)) as database:
        database.execute("BEGIN")
        recording = Recording(database)
        recording.write(
            Batch(
                events=[_added(number, began / 1000) for number in range(endpoints)],
                edges={f"host-{number}": (0.0, _edges(began, now)) for number in range(endpoints)},
            )
        )
        database.execute("UPDATE endpoints SET rolled_until = ?", (this_hour,))
        _insert_days(database, endpoints, began, this_hour)
        _insert_hour(database, endpoints, this_hour, now)
        database.execute("COMMIT")


def _edges(began: int, now: int) -> list[Edge]:
    """Forty outages of three minutes."""
    edges = [Edge(began / 1000, Kind.UP)]
    for moment in sorted(_RANDOM.uniform(began / 1000, now / 1000) for _ in range(40)):
        edges += [Edge(moment, Kind.DOWN), Edge(moment + 180, Kind.UP)]
    return sorted(edges)


def _insert_days(database: sqlite3.Connection, endpoints: int, began: int, until: int) -> None:
    hours = [summaries.merged(summaries.by_place(_rows(0), 0, HOUR).values()) for _ in range(24)]
    whole = summaries.encode(dict(enumerate(hours)))
    total = summaries.encode({0: summaries.merged(hours)})
    minutes = summaries.encode(summaries.by_place(_rows(0), 0, HOUR // 60))
    for day in range(began, until, DAY):
        if day + DAY > until:
            hours = hours[: (until - day) // HOUR]
            whole, total = (
                summaries.encode(dict(enumerate(hours))),
                summaries.encode({0: summaries.merged(hours)}),
            )
        rows = ((key, day, total, whole) for key in range(1, endpoints + 1))
        database.executemany("INSERT INTO hours VALUES (?, ?, ?, ?)", rows)
    for hour in range(until - 48 * HOUR, until, HOUR):
        blob, first, last = pack(_rows(hour)), hour, hour + HOUR - 1
        keys = range(1, endpoints + 1)
        database.executemany(
            "INSERT INTO packed VALUES (?, ?, ?, ?, ?)", ((key, first, last, 360, blob) for key in keys)
        )
        database.executemany("INSERT INTO minutes VALUES (?, ?, ?)", ((key, hour, minutes) for key in keys))


def _insert_hour(database: sqlite3.Connection, endpoints: int, hour: int, now: int) -> None:
    rows = [row for row in _rows(hour) if row.at < now]
    for key in range(1, endpoints + 1):
        database.executemany(
            "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, NULL)",
            ((key, row.at, row.status, row.reason, row.latency, row.message) for row in rows),
        )


def _rows(hour: int) -> list[Row]:
    """An hour's results."""
    return [
        Row(
            hour + second * 1000 + _RANDOM.randrange(20),
            0,
            None,
            round(_RANDOM.lognormvariate(8, 0.25)),
            None,
        )
        for second in range(0, 3600, INTERVAL)
    ]


# ── slower phases ───────────────────────────────────────────────────────────────────────────────


def slower(folder: Path, endpoints: int = 200) -> None:
    """The CPU time of comparing an endpoint's phases with its past."""
    print(f"{endpoints} endpoints every {INTERVAL} s with five phases and two weeks of past")
    path, now = folder / "h.db", START + 1800
    _write_phases(path, endpoints, milliseconds(START))
    slowdowns = Slowdowns(path)
    watched = [Watched(f"host-{number}", INTERVAL, None) for number in range(endpoints)]
    began = time.thread_time()
    for one in watched:
        slowdowns.examine([one], now)
    made = (time.thread_time() - began) / endpoints
    began = time.thread_time()
    for start in range(0, endpoints, 20):
        slowdowns.examine(watched[start : start + 20], now)
    used = (time.thread_time() - began) / endpoints
    print(f"  {made * 1000:8.1f} ms once a day for a baseline")
    share = 10_000 * (used / 300 + made / 86400)
    print(f"  {used * 1000:8.1f} ms every five minutes; {share:.1%} of a core with 10,000 endpoints")


def _write_phases(path: Path, endpoints: int, hour: int) -> None:
    """Finished hours of two weeks until ``hour``, and the results of half an hour since then."""
    events = [_added(number, hour / 1000) for number in range(endpoints)]
    hours = phases.encode({place: _phases(360) for place in range(24)})
    minutes = phases.encode({place: _phases(6) for place in range(60)})
    with closing(connect(path)) as database:
        database.execute("BEGIN")
        Recording(database).write(
            Batch(events=[*events, *(one for second in range(1800) for one in _second(second, endpoints))])
        )
        database.execute("UPDATE endpoints SET rolled_until = ?", (hour,))
        for key in range(1, endpoints + 1):
            days = ((key, hour - hour % DAY - day * DAY, hours) for day in range(1, 16))
            database.executemany("INSERT INTO hour_phases VALUES (?, ?, x'00', ?)", days)
            database.execute("INSERT INTO minute_phases VALUES (?, ?, ?)", (key, hour - HOUR, minutes))
        database.execute("COMMIT")


def _phases(checks: int) -> phases.Phases:
    """The phases of so many checks."""
    made = ({name: _RANDOM.lognormvariate(1.9, 0.25) for name in _PHASES} for _ in range(checks))
    return phases.of_rows(filter(None, map(phases.of_check, made)))


# ── a restart ───────────────────────────────────────────────────────────────────────────────────


def resume(folder: Path, endpoints: int = 10_000) -> None:
    """Seconds until an engine listens, without a past and with one."""
    print(f"an engine of {endpoints} endpoints starts")
    urls = rig.pages("http://127.0.0.1:9", endpoints)
    config = rig.write_config(folder, urls, "interval = 60\ndown_after = 1")
    for name, history in (
        ("without a history", "off"),
        ("with an empty one", "h.db"),
        ("with its own", "h.db"),
    ):
        rig.use_history(config, history)
        began = time.perf_counter()
        with engine(config=str(config)) as child:
            source = child.source()
            listens = time.perf_counter() - began
            asyncio.run(_until_checked(source))
        print(f"  {name:<22} {listens:8.2f} s until it listens")


async def _until_checked(source: rig.Client) -> None:
    await rig.first_checks(source)
    await rig.listen(source, 3)


PARTS: dict[str, Callable[[Path], None]] = {
    "write": write,
    "lateness": lateness,
    "report": report,
    "slower": slower,
    "resume": resume,
}

if __name__ == "__main__":
    main()
