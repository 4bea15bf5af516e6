"""The dashboard's copy of the truth."""

from fake_source import EVENTS, NOW, PROBLEMS, FakeSource, failed, info, mixed, row
from msgspec.structs import replace

from monitor.link.messages import Changes, EngineStats
from monitor.model import Acknowledgement, DashboardSettings, Event, Incident, State
from monitor.tui.data.board import EVENTS as KEPT_EVENTS
from monitor.tui.data.board import INCIDENTS, SAMPLES, Board


def board():
    board = Board(clock=lambda: NOW - 100)
    board.reset(mixed().snapshot)
    return board


def changes(*rows, **more):
    return Changes(now=NOW, statuses=rows, **more)


def test_a_snapshot_is_the_whole_picture():
    fresh = board()
    assert [entry.info.handle for entry in fresh.entries.values()] == list(range(7))
    assert fresh.counts()[State.UP] == 2
    assert fresh.title == "test.toml"


def test_the_engines_clock_is_the_one_that_counts():
    assert board().now() == NOW


def test_the_data_ages_from_the_engines_last_word():
    seconds = [100.0]
    young = Board(clock=lambda: seconds[0])
    assert young.age() is None
    young.reset(mixed().snapshot)
    seconds[0] = 103.0
    assert young.age() == 3.0
    young.apply(changes())
    assert young.age() == 0.0
    seconds[0] = 50.0  # the clock was put back
    assert young.age() == 0.0


def test_each_entry_knows_when_it_last_changed():
    known = board()
    before = known.revision
    known.apply(changes(failed(3)))
    assert [entry.info.handle for entry in known.changed_since(before)] == [3]
    assert known.layout_revision <= before


def test_samples_join_and_the_oldest_go():
    known = board()
    known.apply(changes(row(1, outcomes="u" * 200, latencies_ms=(5.0,) * 200)))
    known.apply(changes(row(1, outcomes="d", latencies_ms=(-1.0,))))
    entry = known.entries[1]
    assert entry.outcomes == "u" * (SAMPLES - 1) + "d"
    assert list(entry.latencies) == [5.0] * (SAMPLES - 1) + [-1.0]


def test_the_p95_is_of_what_passed_and_follows_the_samples():
    known = board()
    entry = known.entries[3]
    assert entry.p95_ms() is None
    known.apply(changes(row(3, outcomes="uu", latencies_ms=(-1.0, 5.0))))
    assert entry.p95_ms() == 5.0
    known.apply(changes(row(3, outcomes="u", latencies_ms=(-1.0,))))
    assert entry.p95_ms() == 5.0
    known.apply(changes(row(3, outcomes="dg", latencies_ms=(900.0, 70.0))))
    assert entry.p95_ms() == 70.0


def test_what_a_filter_searches_follows_the_config():
    known = board()
    known.apply(changes(infos=(info(3, "New NAME", group="G"),)))
    assert known.entries[3].texts == "New NAME\nhttps://host3.test/\nG"
    assert known.entries[3].folded == "new name\nhttps://host3.test/\ng"


def test_counts_follow_the_states():
    known = board()
    before = known.counts()[State.DOWN]
    known.apply(changes(failed(3)))
    assert known.counts()[State.DOWN] == before + 1
    known.apply(changes(failed(9), infos=(info(9),), order=(3, 9)))
    assert known.counts() == {State.DOWN: 2}


def test_how_to_look_stays_until_something_else_is_said():
    known = board()
    light = DashboardSettings(theme="light")
    known.apply(changes(dashboard=light))
    known.apply(changes())
    assert known.dashboard == light


def test_endpoints_come_go_and_move():
    known = board()
    known.apply(changes(row(8), infos=(info(8),), order=(8, 2, 0)))
    assert list(known.entries) == [8, 2, 0]
    assert [entry.place for entry in known.entries.values()] == [0, 1, 2]
    assert known.layout_revision == known.revision


def test_a_card_without_a_row_is_pending():
    known = board()
    known.apply(changes(infos=(info(8),), order=(*range(7), 8)))
    assert known.entries[8].status.state is State.PENDING


def test_a_row_of_nobody_is_ignored():
    known = board()
    known.apply(changes(row(99)))
    assert 99 not in known.entries


def test_problems_stay_until_told_otherwise():
    known = board()
    known.apply(changes(problems=PROBLEMS))
    known.apply(changes())
    assert known.problems == PROBLEMS
    known.apply(changes(problems=()))
    assert known.problems == ()


def test_events_are_counted_and_the_oldest_go():
    known = board()
    known.apply(changes(events=EVENTS * (KEPT_EVENTS + 5)))
    assert len(known.events) == KEPT_EVENTS
    assert known.events_seen == KEPT_EVENTS + 5


def test_honesty_is_the_newest():
    known = board()
    known.apply(changes(stats=EngineStats(queued=3)))
    assert known.stats.queued == 3


def test_no_control_character_gets_in():
    known = board()
    hostile = "a\x1b[2J\nb\u202e"
    known.apply(
        changes(
            row(8, message=hostile),
            infos=(info(8, hostile, group=hostile, tags=(hostile,), target=hostile),),
            events=(Event(at=NOW, handle=8, level="bad", text=hostile),),
        )
    )
    entry = known.entries[8]
    texts = [entry.info.name, entry.info.group, *entry.info.tags, entry.info.target, entry.status.message]
    assert all(text.isprintable() for text in [*texts, known.events[-1].text])


def test_a_new_snapshot_forgets_the_old_engine():
    known = board()
    known.reset(mixed().snapshot)
    assert known.layout_revision == known.revision
    assert len(known.entries[1].outcomes) == 3


def test_days_of_a_certificate():
    known = board()
    assert round(known.entries[0].cert_days(NOW)) == 20
    assert known.entries[1].cert_days(NOW) is None


# ── incidents ───────────────────────────────────────────────────────────────────────────────────


def incident(number, **more):
    return Incident(id=str(number), **{"endpoint": "id-1", "handle": 1, "name": "api", "began": NOW} | more)


def test_incidents_are_the_newest_of_their_numbers():
    known = board()
    known.apply(changes(incidents=(incident(1), incident(2))))
    known.apply(changes(incidents=(incident(1, ended=NOW + 5),)))
    assert {number: one.ended for number, one in known.incidents.items()} == {"1": NOW + 5, "2": None}
    known.reset(mixed().snapshot)
    assert known.incidents == {}


def test_an_engine_that_was_started_anew_knows_endpoints_by_other_numbers():
    known = board()
    assert known.renumbered() == {}
    infos = [replace(info(77), id="id-2"), info(3), replace(info(2), id="id-new")]
    known.reset(FakeSource(infos, [row(77), row(3), row(2)]).snapshot)
    assert known.renumbered() == {2: 77}
    known.reset(FakeSource(infos, [row(77), row(3), row(2)]).snapshot)
    assert known.renumbered() == {}


def test_incidents_that_the_engine_forgets_are_forgotten():
    known = board()
    known.apply(changes(incidents=(incident(1), incident(2))))
    known.apply(changes(forgotten=("1", "9")))
    assert (list(known.incidents), known.incidents_revision) == (["2"], known.revision)


def test_of_the_incidents_that_have_ended_the_first_to_end_go():
    known = board()
    known.apply(changes(incidents=(incident(0),)))
    ended = [incident(number, ended=NOW - number) for number in range(1, INCIDENTS + 4)]
    known.apply(changes(incidents=tuple(ended)))
    assert set(known.incidents) == {str(number) for number in range(INCIDENTS + 1)}


def test_what_is_said_of_incidents_and_by_operators_is_fit_for_a_terminal():
    known, hostile = board(), "a\x1b[2J\nb\u202e"
    mark = Acknowledgement(at=NOW, by=hostile, note=hostile)
    texts = {"name": hostile, "cause": hostile, "latest": hostile, "acknowledged": mark}
    known.apply(changes(failed(1, acknowledged=mark), incidents=(incident(1, **texts),)))
    one = known.incidents["1"]
    marks = one.acknowledged, known.entries[1].status.acknowledged
    said = [one.name, one.cause, one.latest, *(text for mark in marks for text in (mark.by, mark.note))]
    assert all(text.isprintable() for text in said)
