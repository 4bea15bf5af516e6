"""The config's view."""

from contextlib import nullcontext
from subprocess import CompletedProcess

import pytest
from fake_source import PROBLEMS, mixed

from monitor.errors import LinkError
from monitor.link.messages import Done
from monitor.model import Problem
from monitor.tui.screens.config import ConfigView


async def test_config_problems_are_told_and_listed(seat):
    seat.source.push(problems=PROBLEMS)
    await seat.settle()
    assert "config: 1 problem (6)" in seat.lines()[0]
    assert "/etc/monitor.toml:12" in seat.lines()[1]
    await seat.press("6")
    assert any("/etc/monitor.toml:12: endpoints[2].interval" in line for line in seat.lines())
    await seat.press("1")
    assert seat.app.screen is seat.app.overview


async def test_a_long_problem_is_told_in_full_below_the_list(make_seat):
    seat = make_seat(mixed())
    text = "is " + "very " * 20 + "wrong"
    async with seat.app.run_test(size=(60, 15)) as seat.pilot:
        seat.source.push(
            problems=(Problem("/etc/a.toml", 1, "x", "short"), Problem("/etc/a.toml", 2, "y", text))
        )
        await seat.settle()
        await seat.press("6")
        assert any("/etc/a.toml:1: x: short" in line for line in seat.lines()[-6:])
        await seat.press("j")
        assert "wrong" in " ".join(seat.lines()[-6:-1])
        assert "short" not in " ".join(seat.lines()[-6:])


async def test_the_folder_that_the_heading_names_is_left_out_of_the_list(seat):
    seat.app.board.config_file = "/etc/monitor/monitor.toml"
    seat.source.push(problems=(Problem("/etc/monitor/conf.d/a.toml", 7, "x", "is wrong"),))
    await seat.settle()
    await seat.press("6")
    assert any(line.startswith("▌ conf.d/a.toml:7: x: is wrong") for line in seat.lines())


async def test_what_keeps_the_engine_from_starting_is_listed(seat):
    seat.app.board.config_file = "/etc/monitor.toml"
    seat.source.gone, seat.source.wrong = "it does not start again with this config", PROBLEMS
    seat.app.follower.hurry()
    await seat.until(lambda: "ENGINE GONE" in seat.lines()[0])
    await seat.press("6")
    assert "/etc/monitor.toml: 1 problem, no engine runs" in seat.lines()[1]
    assert "monitor.toml:12: endpoints[2].interval" in seat.lines()[3]
    seat.source.gone = ""
    seat.app.follower.hurry()
    await seat.until(lambda: "in force" in seat.lines()[1])
    assert "problem" not in seat.lines()[1]


async def test_an_engine_that_has_gone_is_asked_for_again_as_soon_as_the_config_was_edited(seat, monkeypatch):
    monkeypatch.setattr("monitor.tui.data.follow._PATIENCE", (1e9,))
    seat.source.gone = "it does not start"
    seat.app.follower.hurry()
    await seat.until(lambda: "ENGINE GONE" in seat.lines()[0])
    await seat.pilot.pause()

    async def refused(_request):
        seat.source.gone = ""
        raise LinkError("there is no engine")

    monkeypatch.setattr(seat.source, "command", refused)
    await seat.app._reload()
    await seat.until(lambda: seat.lines() and "ENGINE GONE" not in seat.lines()[0])


@pytest.mark.parametrize(("status", "view"), [(False, "config"), (True, "overview")])
async def test_after_the_editor_what_is_wrong_comes_to_the_front(seat, monkeypatch, status, view):
    async def command(_request):
        return Done(ok=status, text="the old config stays in force: monitor.toml:3: x: is wrong")

    monkeypatch.setattr(seat.source, "command", command)
    monkeypatch.setattr(
        "monitor.tui.terminal.editor.subprocess.run", lambda *_, **__: CompletedProcess([], 0)
    )
    monkeypatch.setattr(seat.app, "suspend", nullcontext)
    seat.app.board.config_file = "/etc/monitor/monitor.toml"
    await seat.press("ctrl+e")
    await seat.pilot.pause()
    assert isinstance(seat.app.screen, ConfigView) is (view == "config")
