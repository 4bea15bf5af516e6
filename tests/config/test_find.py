"""Where the config is."""

import os
import re
from pathlib import Path

import pytest

from monitor.config import configured_history, configured_socket, find_config, refuse_unknown
from monitor.errors import ConfigError, UsageError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))


def touch(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def test_places_are_looked_at_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = touch(tmp_path / "own" / "monitor" / "monitor.toml")
    assert find_config(None) == own
    touch(Path("monitor.toml"))
    assert find_config(None) == Path("monitor.toml")
    named = touch(tmp_path / "named.toml")
    monkeypatch.setenv("MONITOR_CONFIG", str(named))
    assert find_config(None) == named
    given = touch(tmp_path / "given.toml")
    assert find_config(str(given)) == given


def test_one_that_is_named_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"gone.toml \(named by -c\) does not exist"):
        find_config("gone.toml")
    monkeypatch.setenv("MONITOR_CONFIG", "gone.toml")
    with pytest.raises(UsageError, match="named by MONITOR_CONFIG"):
        find_config(None)


def test_when_there_is_none_it_says_where_it_looked_and_what_to_do(tmp_path: Path) -> None:
    if Path("/etc/monitor/monitor.toml").exists():
        pytest.skip("this machine has a config")
    with pytest.raises(UsageError) as caught:
        find_config(None)
    said = str(caught.value)
    for told in (
        "./monitor.toml",
        str(tmp_path / "own"),
        "/etc/monitor",
        "monitor demo",
        "monitor init",
        "monitor URL",
    ):
        assert told in said


@pytest.mark.parametrize(
    ("text", "socket"),
    [
        ('[monitor]\nsocket = "/run/x.sock"', "/run/x.sock"),
        ('[monitor]\nsocket = "run/x.sock"\nnonsense = 1', "{folder}/run/x.sock"),
        ('[monitor]\nsocket = "/run/${PLACE}.sock"', "/run/here.sock"),
        ('[monitor]\nsocket = "/run/${NOWHERE}.sock"', None),
        ("[monitor]\nsocket = 3", None),
        ("monitor = 3", None),
        ("", None),
        ("[[", None),
    ],
)
def test_the_socket_of_a_config_is_found_without_all_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, socket: str | None
) -> None:
    monkeypatch.setenv("PLACE", "here")
    file = tmp_path / "m.toml"
    file.write_text(text)
    wanted = None if socket is None else Path(socket.format(folder=tmp_path))
    assert configured_socket(file) == wanted


def test_a_config_that_cannot_be_read_names_no_socket(tmp_path: Path) -> None:
    assert configured_socket(tmp_path / "missing.toml") is None


def test_an_empty_option_is_no_search(tmp_path: Path) -> None:
    Path("monitor.toml").touch()
    assert find_config(None) == Path("monitor.toml")
    with pytest.raises(UsageError, match="-c names no file"):
        find_config("")


def test_a_path_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    (folder / "m.toml").touch()
    with pytest.raises(UsageError, match=r"m\.toml: the path is not UTF-8; rename the file or its folder"):
        find_config(str(folder / "m.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[monitor]\nsocket = "s"\n[[', "3: syntax: "),
        (
            '[monitor]\nsocket = "${NOBODY_SET_THIS}"',
            "monitor.socket: the environment variable NOBODY_SET_THIS is not",
        ),
    ],
)
def test_a_config_that_hides_its_socket_is_refused_with_the_reason(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "m.toml"
    file.write_text(text)
    with pytest.raises((ConfigError, UsageError), match=re.escape(said)):
        refuse_unknown(file, "socket")


@pytest.mark.parametrize(
    "text", ["", "monitor = 3", "[monitor]\nsocket = 5", '[monitor]\nhistory = "${NOBODY_SET_THIS}"']
)
def test_other_problems_do_not_hide_the_socket(tmp_path: Path, text: str) -> None:
    file = tmp_path / "m.toml"
    file.write_text(text)
    refuse_unknown(file, "socket")


def test_the_history_of_a_config_is_found_in_the_same_way(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text('[monitor]\nhistory = "h.db"\nnonsense = 1')
    assert configured_history(file) == tmp_path / "h.db"
    file.write_text("")
    assert configured_history(file) is None


def test_a_config_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text('[monitor]\nhistory = "off"')
    with pytest.raises(UsageError, match='history = "off": nothing is kept on disk'):
        configured_history(file)
