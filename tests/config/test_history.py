"""Where the history is kept, and for how long."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import history
from monitor.config.history import default_file, existing_file
from monitor.model import Config, Retention


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/x"}, "/x/monitor"),
        ({"STATE_DIRECTORY": "/var/lib/monitor:/other", "XDG_STATE_HOME": "/x"}, "/var/lib/monitor"),
        ({"XDG_STATE_HOME": "relative"}, str(Path.home() / ".local/state/monitor")),
    ],
)
def test_the_usual_place_is_the_state_folder(environ: dict[str, str], folder: str):
    file = default_file(Path("/etc/monitor/monitor.toml"), environ)
    assert str(file.parent) == folder
    assert file.name.startswith("monitor-")
    assert file != default_file(Path("/srv/monitor.toml"), environ)


def test_a_config_names_its_history_relative_to_itself(loaded: Callable[[str], Config], tmp_path: Path):
    text = '[monitor]\nhistory = "data/h.db"\nretention = { raw = "24h", minutes = "7d" }'
    settings = loaded(text).settings
    assert settings.history == str(tmp_path / "data" / "h.db")
    assert settings.retention == Retention(raw=86400.0, minutes=7 * 86400.0)


def test_history_may_be_off_and_is_on_unless_it_is(loaded: Callable[[str], Config]):
    assert loaded('[monitor]\nhistory = "off"').settings.history == ""
    assert loaded('[monitor]\nhistory = "./off"').settings.history.endswith("/off")
    assert loaded("").settings.history.endswith(".db")
    assert loaded("[monitor]").settings.retention == Retention()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('history = "."', "2: monitor.history: is '.'; it must be the path of a file"),
        ('history = "OFF"', "2: monitor.history: is 'OFF'; write \"off\" to keep nothing on disk"),
        ('history = "none"', "2: monitor.history: is 'none'; write \"off\" to keep nothing on disk"),
        ('history = " false "', "2: monitor.history: is ' false '; write \"off\" to keep nothing on disk"),
        ('history = ":memory:"', "2: monitor.history: is ':memory:'; write \"off\" to keep nothing on disk"),
        ('history = "on"', "2: monitor.history: is 'on'; leave it out to keep a history"),
        ("history = false", "2: monitor.history: is false; "),
        ('retention = { raw = "10m" }', "2: monitor.retention.raw: must be 1h or more"),
        ('retention = { raw = "20d" }', "2: monitor.retention.raw: raw must not be kept for longer"),
        ('retention = { hours = "2d" }', "2: monitor.retention.hours: minutes must not be kept for longer"),
        ('retention = { weeks = "2d" }', "2: monitor.retention.weeks: is no key here"),
    ],
)
def test_a_wrong_history_is_a_problem(problems: Callable[[str], list[str]], text: str, problem: str):
    assert problems(f"[monitor]\n{text}")[0].startswith(problem)


def test_a_reader_takes_the_systems_history_if_the_user_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(history, "SYSTEM", tmp_path)
    environ = {"XDG_STATE_HOME": str(tmp_path / "own")}
    own = default_file(Path("/m.toml"), environ)
    assert existing_file(Path("/m.toml"), environ) == own
    for place in (tmp_path / own.name, own):
        place.parent.mkdir(exist_ok=True, parents=True)
        place.touch()
        assert existing_file(Path("/m.toml"), environ) == place
