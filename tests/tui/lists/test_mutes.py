"""What keeps alerts quiet, as lines."""

from __future__ import annotations

from typing import Any

from fake_source import NOW, failed, info, row

from monitor.link.silences import MaintenanceWindow
from monitor.model import Acknowledgement, Silence
from monitor.tui.data.board import Entry
from monitor.tui.lists.mutes import mutes, searchable_text


def entries(**marks: Any) -> dict[int, Entry]:
    names = ("shop a", "shop b", "api", "mail")
    made = {at: Entry(info(at, name, group=name.split()[0]), row(at)) for at, name in enumerate(names)}
    made[2] = Entry(info(2, "api"), failed(2, acknowledged=Acknowledgement(at=NOW, by="bob", note="switch")))
    return made


def silence(id: str, *select: str, **keys: Any) -> Silence:
    return Silence(id=id, select=select, at=NOW, **keys)


def window(name: str, **keys: Any) -> MaintenanceWindow:
    return MaintenanceWindow(name=name, schedule="0 3 * * sun", duration=3600.0, **{"select": (), **keys})


def test_what_is_in_force_comes_first_and_the_next_to_end_on_top():
    found = mutes(
        [silence("later", "*", until=NOW + 900), silence("open", "*"), silence("soon", "*", until=NOW + 60)],
        [window("planned", next=NOW + 5), window("active", began=NOW - 60), window("never")],
        entries(),
    )
    assert [(one.kind, one.id) for one in found] == [
        ("silenced", "soon"),
        ("silenced", "later"),
        ("silenced", "open"),
        ("acknowledged", "id-2"),
        ("maintenance", "active"),
        ("planned", "planned"),
        ("planned", "never"),
    ]
    assert [one.at for one in found[4:]] == [NOW + 3540, NOW + 5, None]


def test_a_silence_says_what_it_covers_by_whom_and_why():
    (found, _) = mutes([silence("1", "group:shop", by="ann", note="deploy")], [], entries())
    assert (found.covers, found.handles, found.by, found.note) == ("group:shop", [0, 1], "ann", "deploy")


def test_a_silence_of_single_endpoints_names_them():
    every = [f"id:id-{at}" for at in range(4)]
    covers = [mutes([silence("1", *every[:count])], [], entries())[0].covers for count in (1, 2, 4)]
    assert covers == ["shop a", "shop a, shop b", "shop a, shop b, api and 1 more"]


def test_an_acknowledgement_lasts_until_its_endpoint_is_up():
    (found,) = mutes([], [], entries())
    assert (found.covers, found.handles, found.until_up, found.by, found.note) == (
        "api",
        [2],
        True,
        "bob",
        "switch",
    )


def test_a_selection_that_this_program_does_not_know_covers_nothing():
    assert mutes([silence("1", "grup:x")], [], entries())[0].handles == []


def test_hostile_text_is_made_plain_and_can_be_searched():
    (found, _) = mutes([silence("1", "a\x1b[31m", by="x\x07", note="no\nte")], [], entries())
    assert not any(letter in searchable_text(found) for letter in "\x1b\x07\n")


def test_what_was_silenced_or_acknowledged_together_shares_a_line():
    alike = {"until": NOW + 60, "by": "ann"}
    found = mutes(
        [
            silence("1", "id:id-0", **alike),
            silence("2", "id:id-1", **alike | {"until": NOW + 60.2}),
            silence("3", "id:id-3", **alike | {"by": "bob"}),
            silence("4", "group:mail", **alike),
        ],
        [],
        {at: one for at, one in entries().items() if at != 2},
    )
    assert [(one.covers, one.handles, one.id, one.more) for one in found] == [
        ("shop a, shop b", [0, 1], "1", ["2"]),
        ("mail", [3], "3", ()),
        ("group:mail", [3], "4", ()),
    ]
    mark = Acknowledgement(at=NOW, by="bob", note="switch")
    marked = {at: Entry(info(at, f"ep {at}"), failed(at, acknowledged=mark)) for at in range(5)}
    (line,) = mutes([], [], marked)
    assert (line.covers, line.handles) == ("ep 0, ep 1, ep 2 and 2 more", [0, 1, 2, 3, 4])
