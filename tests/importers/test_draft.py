"""A config in the making: names, what selects what, notes."""

from __future__ import annotations

import pytest

from monitor.importers._draft import Block, Draft, Names, name_all, refuse_commands


def draft(*names: tuple[str, str]) -> Draft:
    made = Draft("file", "tool")
    for name, group in names:
        block = made.endpoint(name)
        block.keys |= {"url": "icmp://a", **({"group": group} if group else {})}
    return made


def test_names_become_unique():
    made = draft(("a", ""), ("a", "g"), ("a", "g"), ("", ""))
    name_all(made)
    assert [one.keys["name"] for one in made.endpoints] == ["a", "a (g)", "a (g) 2", "unnamed"]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([("a", ""), ("a", ""), ("a", "")], ["a", "a 2", "a 3"]),
        ([("a", ""), ("a 2", ""), ("a", "")], ["a", "a 2", "a 3"]),
        ([("a", "g"), ("a", "g"), ("a", "h"), ("a", "g")], ["a", "a (g)", "a (h)", "a (g) 2"]),
        ([("a (g)", ""), ("a", ""), ("a", "g")], ["a (g)", "a", "a (g) 2"]),
    ],
)
def test_a_name_is_taken_once(given: list[tuple[str, str]], taken: list[str]):
    names = Names()
    assert [names.take(*one) for one in given] == taken


def test_sixty_thousand_endpoints_of_one_name_try_each_number_once():
    class Counted(str):
        hashed = 0

        def __hash__(self) -> int:
            Counted.hashed += 1
            return super().__hash__()

    names = Names()
    assert len({names.take(Counted("a")) for _ in range(60_000)}) == 60_000
    assert Counted.hashed < 10 * 60_000


@pytest.mark.parametrize("url", ["exec:touch /tmp/x", "EXEC:sh -c 'curl https://a.example'"])
def test_a_url_that_would_run_a_command_is_a_comment(url: str):
    made = draft(("a", ""), ("b", ""))
    made.endpoints[0].keys["url"] = url
    made.alert("mail").keys["url"] = url
    refuse_commands(made)
    assert [bool(one.refused) for one in (*made.endpoints, *made.alerts)] == [True, False, True]


def test_dependencies_follow_the_names():
    made = draft(("a", ""), ("a", "g"), ("b", ""))
    made.endpoints[2].about = [made.endpoints[1]]
    name_all(made)
    assert made.endpoints[2].keys["depends_on"] == ["a (g)"]


def test_what_is_about_everything_selects_nothing():
    made = draft(("a", ""), ("b", ""))
    made.alerts.append(Block("alerts", about=list(made.endpoints)))
    name_all(made)
    assert "select" not in made.alerts[0].keys


def test_whole_groups_are_selected_as_such_and_names_are_taken_literally():
    made = draft(("a", "g"), ("b", "g"), ("c*", "h"), ("d", "h"))
    made.alerts.append(Block("alerts", about=made.endpoints[:3]))
    name_all(made)
    assert made.alerts[0].keys["select"] == ["group:g", "name:c[*]"]


def test_a_note_names_file_line_and_table():
    made = draft(("a", ""))
    made.endpoints[0].line = 7
    made.endpoints[0].note("key", "why")
    made.endpoints[0].refuse("because")
    made.top.note("whole", "so")
    assert list(made.notes()) == [
        "file: whole: so",
        "file:7: a: not carried over: because",
        "file:7: a: key: why",
    ]


def test_a_note_holds_no_secret():
    made = draft(("a", ""))
    made.secrets.hide("hunter22", "somewhere", "a", "password")
    made.endpoints[0].note("key", "was hunter22")
    assert list(made.notes()) == ["file: a: key: was ${A_PASSWORD}"]
