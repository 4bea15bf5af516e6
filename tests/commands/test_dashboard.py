"""`monitor` without a command."""

import sys
import types
from contextlib import contextmanager

import pytest

from monitor.cli import main
from monitor.errors import ConfigError, LinkError
from monitor.link.messages import Changes, EndpointInfo, EndpointStatus, Snapshot
from monitor.model import Problem, State


class Dying:
    """An engine that says one thing and dies."""

    async def hello(self):
        return Snapshot(
            version="1",
            title="t",
            started_at=0.0,
            now=0.0,
            infos=(EndpointInfo(handle=0, id="a", name="shop", kind="http", target="http://shop/"),),
            statuses=(EndpointStatus(handle=0, state=State.DOWN, since=0.0, message="connection refused"),),
        )

    async def pull(self, uptimes=()) -> Changes:
        raise LinkError("the engine died")

    async def close(self):
        pass


@pytest.fixture
def engine(monkeypatch):
    """Stands for the module that starts engines; keeps what it was asked for."""
    asked = []

    @contextmanager
    def start(**wanted):
        asked.append(wanted)
        if wanted["targets"] == ["http://bad/"]:
            raise ConfigError([Problem("m.toml", 3, "url", "is wrong")])
        yield types.SimpleNamespace(source=Dying)

    monkeypatch.setitem(sys.modules, "monitor.link.process", types.SimpleNamespace(engine=start))
    return asked


def test_without_a_terminal_changes_of_state_are_printed(engine, capsys):
    assert main(["http://shop/"]) == 2
    told = capsys.readouterr()
    assert told.out == "1970-01-01T00:00:00Z down shop: connection refused\n"
    assert "monitor check" in told.err
    assert "the engine died" in told.err
    assert engine == [{"config": "", "targets": ["http://shop/"], "standalone": False}]


def test_a_wrong_config_is_told_before_anything_is_drawn(engine, capsys):
    assert main(["http://bad/"]) == 2
    assert capsys.readouterr().err == "m.toml:3: url: is wrong\n"


def test_targets_may_take_the_defaults_of_a_config(engine):
    main(["http://shop/", "-c", "x.toml"])
    assert engine == [{"config": "x.toml", "targets": ["http://shop/"], "standalone": False}]


def test_a_terminal_gets_lines_as_well_when_it_asks_for_them(engine, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert main(["--plain", "http://shop/"]) == 2
    told = capsys.readouterr()
    assert told.out == "1970-01-01T00:00:00Z down shop: connection refused\n"
    assert "monitor: plain: printing changes of state" in told.err


def test_a_filter_holds_without_a_terminal_too(engine, capsys):
    main(["http://shop/", "--filter", "mail"])
    assert capsys.readouterr().out == ""
    main(["http://shop/", "--filter", "shop"])
    assert "shop" in capsys.readouterr().out


def test_a_filter_that_means_nothing_is_told_before_the_engine_starts(engine, capsys):
    assert main(["http://shop/", "--filter", "~("]) == 2
    assert "--filter: ~(" in capsys.readouterr().err
    assert engine == []


@pytest.mark.parametrize(("arguments", "view"), [([], "overview"), (["--wall"], "wall")])
def test_the_first_view_and_its_filter_are_handed_on(engine, monkeypatch, arguments, view):
    seen = {}

    class Dashboard:
        crash = None

        def __init__(self, _source, **chosen):
            seen.update(chosen)

        def run(self, **_):
            return 0

    monkeypatch.setattr("monitor.commands.dashboard._has_screen", lambda: True)
    monkeypatch.setattr("monitor.tui.app.Dashboard", Dashboard)
    assert main(["http://shop/", *arguments, "--filter", "g:eu"]) == 0
    assert seen["view"] == view
    assert seen["query"].text == "g:eu"
