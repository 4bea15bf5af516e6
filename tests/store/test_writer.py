"""The writer's thread: what is written, and what a disk can do to it."""

from __future__ import annotations

import grp
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.model import Result, State, Status
from monitor.model.events import Checked, EndpointAdded, StateChanged
from monitor.store import Reader, Writer, writer
from monitor.store.batch import Batch, LogLine
from monitor.store.schema import VERSION
from monitor.store.steady_clock import SteadyClock

NOW = 1_800_000_000.0


def checked(at: float, id: str = "a", message: str = "200 OK") -> Checked:
    result = Result(
        endpoint=id, status=Status.UP, reason=None, message=message, checked_at=at, latency_ms=41.7
    )
    return Checked(at=at, endpoint=id, result=result)


def added(id: str = "a") -> EndpointAdded:
    return EndpointAdded(
        at=NOW, endpoint=id, name=id.upper(), kind="http", target="http://a/", interval=10, timeout=5
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "history.db"


@pytest.fixture
def notes() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def start(
    path: Path, notes: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Writer]]:
    monkeypatch.setattr(writer, "_PAUSES", (0.01,))
    started: list[Writer] = []

    def begin(**keys: object) -> Writer:
        made = Writer(path, note=lambda level, text: notes.append((level, text)), clock=lambda: NOW, **keys)
        made.start()
        started.append(made)
        return made

    yield begin
    for one in started:
        one.close()


def written(made: Writer, *batches: Batch) -> None:
    for batch in batches:
        made.submit(batch)
    made.flush().result(10)


def stored(path: Path) -> list[float]:
    """When the stored checks began, in seconds after NOW."""
    with Reader(path) as reader:
        return [
            round(one.checked_at - NOW, 3)
            for endpoint in reader.endpoints()
            for one in reader.results(endpoint, 0, 9e9)
        ]


def test_results_are_written_and_read_back(start, path):
    written(start(), Batch([added(), checked(NOW), checked(NOW + 10.0625, message="slow")]))
    with Reader(path) as reader:
        (endpoint,) = reader.endpoints()
        assert (endpoint.id, endpoint.name, endpoint.interval) == ("a", "A", 10.0)
        first, second = reader.results(endpoint, 0, 9e9)
    assert (first.checked_at, first.status, first.latency_ms, first.message) == (
        NOW,
        Status.UP,
        41.7,
        "200 OK",
    )
    assert (second.checked_at, second.message) == (NOW + 10.062, "slow")


def test_a_result_that_comes_twice_is_stored_once(start, path):
    written(start(), Batch([checked(NOW)]), Batch([checked(NOW)]))
    assert stored(path) == [0.0]


@pytest.fixture
def a_group() -> str:
    """A group that we may give files; as root, not our own."""
    ours = [one for one in grp.getgrall() if one.gr_gid in os.getgroups()]
    others = [one for one in grp.getgrall() if one.gr_gid != os.getgid()]
    return (others if os.geteuid() == 0 else ours)[0].gr_name


def access(path: Path) -> set[tuple[int, int]]:
    """The modes and groups of the history's files."""
    found = [file.stat() for file in path.parent.glob(f"{path.name}*")]
    assert len(found) == 3
    return {(stat.S_IMODE(one.st_mode), one.st_gid) for one in found}


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "made without a group"])
def test_only_the_owner_and_the_group_can_read_the_files(start, path, a_group, is_old):
    before = os.umask(0)
    try:
        if is_old:
            first = start()
            written(first, Batch([checked(NOW)]))
            assert access(path) == {(0o600, os.getgid())}
            first.close()
        written(start(group=a_group), Batch([checked(NOW + 1)]))
        assert access(path) == {(0o640, grp.getgrnam(a_group).gr_gid)}
    finally:
        os.umask(before)


def test_a_group_that_is_missing_keeps_nobody_from_writing(start, path):
    written(start(group="nobody-made-this-group"), Batch([checked(NOW)]))
    assert {mode for mode, _ in access(path)} == {0o600}


def test_what_was_never_read_or_wrong_is_not_in_the_way_of_a_flush(start):
    made = start()
    made.flush().result(10)
    assert made.trouble == ""


# ── what a disk can do ──────────────────────────────────────────────────────────────────────────


def test_a_deleted_file_is_begun_again(start, path, notes):
    made = start()
    written(made, Batch([checked(NOW)]))
    for file in path.parent.iterdir():
        file.unlink()
    written(made, Batch([checked(NOW + 1)]))
    assert made.wants_everything
    assert stored(path) == [1.0]
    assert notes == [("bad", f"the history {path} was deleted; a new one begins")]


def test_a_deleted_file_is_noticed_while_there_is_nothing_to_write(start, path, notes, monkeypatch):
    monkeypatch.setattr(writer, "_IDLE", 0.01)
    made = start()
    written(made, Batch([checked(NOW)]))
    path.unlink()
    deadline = time.monotonic() + 10
    while not made.wants_everything and time.monotonic() < deadline:
        time.sleep(0.01)
    assert notes == [("bad", f"the history {path} was deleted; a new one begins")]


def test_a_corrupt_file_is_moved_aside_and_named(start, path, notes):
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 1000)
    made = start()
    made.submit(Batch([checked(NOW)]))
    _until_written(made)
    (aside,) = path.parent.glob("history.db.corrupt-*")
    assert stored(path) == [0.0]
    assert str(aside) in notes[1][1]
    assert notes[-1] == ("good", "the history is written again")


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(20_000))


def truncate(path: Path) -> None:
    os.truncate(path, 9000)


def empty(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (overwrite, "it is {aside} now, and a new one begins"),
        (truncate, "it is {aside} now, and a new one begins"),
        (empty, "was emptied; it begins again"),
    ],
)
@pytest.mark.parametrize("idle", [True, False])
def test_a_file_that_another_program_damages_begins_again(
    start, path, notes, monkeypatch, damage, said, idle
):
    monkeypatch.setattr(writer, "_IDLE", 0.01 if idle else 60.0)
    made = start()
    written(made, Batch([added(), *(checked(NOW + n, message=f"{n}" * 500) for n in range(100))]))
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    damage(path)
    if not idle:
        written(made, Batch([checked(NOW + 1000)]))
    deadline = time.monotonic() + 10
    while not made.wants_everything and time.monotonic() < deadline:
        time.sleep(0.01)
    aside = next(path.parent.glob("history.db.corrupt-*[0-9]"), None)
    assert said.format(aside=aside) in " ".join(text for _, text in notes)
    written(made, Batch([checked(NOW + 1001)]))
    assert stored(path)[-1] == 1001.0


def test_another_process_that_looks_at_the_file_does_not_end_its_log(start, path):
    made = start()
    look = f"import sqlite3; sqlite3.connect({str(path)!r}).execute('SELECT 1 FROM results').close()"
    for second in range(3):
        written(made, Batch([checked(NOW + second)]))
        subprocess.run([sys.executable, "-c", look], check=True)
    assert stored(path) == [0.0, 1.0, 2.0]
    assert path.with_name("history.db-wal").exists()


def test_a_file_that_its_log_mends_is_kept(start, path, notes):
    made = start()
    written(made, Batch([checked(NOW)]))
    os.truncate(path, 0)  # all of it is in the log still
    written(made, Batch([checked(NOW + 1)]))
    assert (stored(path), notes) == ([0.0, 1.0], [])


def test_a_file_of_a_newer_version_is_left_alone(start, path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    made = start()
    written(made, Batch([checked(NOW)]))
    assert f"it is of version {VERSION + 1}" in made.trouble
    made.close()
    assert path.read_bytes() == before


def test_while_somebody_else_locks_the_file_everything_waits(start, path, notes, monkeypatch):
    monkeypatch.setattr("monitor.store.files._BUSY", 0.05)
    made = start()
    written(made, Batch([checked(NOW)]))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    written(made, Batch([checked(NOW + 1)]))
    assert "locked" in made.trouble
    assert made.behind < 60.0
    other.execute("ROLLBACK")
    other.close()
    _until_written(made)
    assert stored(path) == [0.0, 1.0]
    assert [level for level, _ in notes] == ["bad", "good"]


def test_a_folder_that_cannot_be_written_is_trouble(start, path):
    path.parent.parent.joinpath("deep").write_text("a file where the folder should be")
    made = start()
    written(made, Batch([checked(NOW)]))
    assert "cannot be written" in made.trouble


def test_a_full_disk_makes_results_wait(start, path, notes):
    made = start()
    written(made, Batch([added(), checked(NOW)]))
    made._database.execute("PRAGMA max_page_count = 1")  # SQLite's own way of having no room
    (pages,) = made._database.execute("PRAGMA page_count").fetchone()
    made._database.execute(f"PRAGMA max_page_count = {pages}")
    written(made, Batch([checked(NOW + 1 + n, message="x" * 900 + str(n)) for n in range(200)]))
    _until_written(made)
    assert len(stored(path)) == 201
    assert "full" in notes[0][1]


def test_the_oldest_results_are_lost_when_too_many_wait(start, path, monkeypatch):
    monkeypatch.setattr(writer, "_MOST_RESULTS", 3)
    made = Writer(path)  # it does not run
    turned = StateChanged(at=NOW, endpoint="a", before=State.PENDING, after=State.UP)
    made.submit(Batch([turned, checked(NOW), checked(NOW + 1)]))
    made.submit(Batch([checked(NOW + 2), checked(NOW + 3)]))
    assert made.lost == 2
    assert [batch.events[0] for batch in made._waiting] == [turned, checked(NOW + 2)]


def test_other_rows_land_in_the_same_transaction_or_not_at_all(start, path):
    made = start()
    statement = ("INSERT INTO outbox VALUES (?, ?, ?, ?, ?)", ("m1", "mail", 1, "new", b""))
    written(made, Batch([checked(NOW)], statements=[statement]))
    written(made, Batch([checked(NOW + 1)], statements=[("INSERT INTO nowhere VALUES (1)", ())]))
    assert made.trouble
    assert stored(path) == [0.0]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT id FROM outbox").fetchall() == [("m1",)]


def _until_written(made: Writer) -> None:
    for _ in range(1000):
        made.flush().result(10)
        if not made.trouble:
            return
    pytest.fail(made.trouble)


# ── kill -9 ─────────────────────────────────────────────────────────────────────────────────────

KILLED = """
import sys, time
from pathlib import Path
from monitor.store import Writer
from monitor.store.batch import Batch
sys.path.insert(0, {tests!r})
from test_writer import NOW, checked
writer = Writer(Path(sys.argv[1]))
writer.start()
for number in range(100000):
    writer.submit(Batch([checked(NOW + number)]))
    writer.flush().result()
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_kill_loses_nothing_that_was_flushed(path, after):
    program = KILLED.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        seen = [int(child.stdout.readline()) for _ in range(after)]
        child.kill()
        flushed = max([*seen, *map(int, child.stdout.read().split())])
    found = stored(path)
    assert found[: flushed + 1] == [float(number) for number in range(flushed + 1)]
    assert len(found) <= flushed + 2
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_log_keeps_its_endpoints(start, path):
    written(
        start(), Batch([added()], lines=[LogLine(NOW, "bad", "down", "a"), LogLine(NOW, "info", "hello")])
    )
    with Reader(path) as reader:
        assert [(line.endpoint, line.text) for line in reader.log(0, 9e9)] == [("a", "down"), (None, "hello")]


def test_what_waits_is_measured_by_a_timer_and_not_by_the_clock_which_may_jump(path):
    clock, timer = iter(range(0, 10**9, 3600)), [5.0]
    made = Writer(path, clock=lambda: float(next(clock)), timer=lambda: timer[0])
    assert made.behind == 0.0
    made.submit(Batch([checked(NOW)]))
    timer[0] += 2.5
    assert made.behind == 2.5


def test_a_clock_that_jumps_deletes_nothing(path):
    moment = [NOW]
    made = Writer(path, clock=lambda: moment[0], steady=SteadyClock(lambda: moment[0]))
    made.start()
    written(made, Batch([added(), checked(NOW)]))
    moment[0] += 3 * 365 * 86400.0
    written(made, Batch([checked(NOW + 1)]))
    written(made, Batch(lines=[LogLine(NOW, "info", "hello")]))
    made.close()
    assert stored(path) == [0.0, 1.0]
