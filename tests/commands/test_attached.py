"""Finding the daemon that a command talks to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.commands._attached import chosen_socket, is_live, seconds_of, socket_of
from monitor.errors import ConfigError, UsageError
from monitor.link.address import default_socket


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        listening.listen()
        yield tmp_path / "s"


@pytest.fixture
def dead(tmp_path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "dead"))
    return tmp_path / "dead"


def test_a_socket_is_live_while_somebody_listens(live: Path, dead: Path, tmp_path: Path):
    assert is_live(live)
    assert not is_live(dead)
    assert not is_live(tmp_path / "missing")


def test_a_socket_that_may_not_be_opened_is_told_with_the_remedy(live: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(_self: socket.socket, _address: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(UsageError, match="may not be opened by this user; `socket_group`"):
        is_live(live)


def test_the_config_names_the_socket_or_else_its_path_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    config = tmp_path / "m.toml"
    config.write_text('[monitor]\nsocket = "s"\n')
    assert socket_of(config) == tmp_path / "s"
    config.write_text("")
    assert socket_of(config) == default_socket(config)


def test_the_daemon_is_chosen_by_socket_or_by_config(live: Path, tmp_path: Path):
    config = tmp_path / "m.toml"
    config.write_text('[monitor]\nsocket = "s"\n')
    assert chosen_socket(str(live), None) == live
    assert chosen_socket(None, str(config)) == live


def test_without_a_daemon_it_is_told_where_one_was_looked_for(dead: Path, tmp_path: Path):
    config = tmp_path / "m.toml"
    config.write_text('[monitor]\nsocket = "dead"\n')
    with pytest.raises(UsageError, match=rf"no daemon of {config} answers on {dead} \(monitor daemon"):
        chosen_socket(None, str(config))


def test_a_time_is_a_duration():
    assert seconds_of("1h30m") == 5400.0
    assert seconds_of(None) is None


@pytest.mark.parametrize(
    ("text", "why"), [("soon", "is not a duration"), ("0s", "write more than 0 seconds")]
)
def test_another_time_is_refused(text: str, why: str):
    with pytest.raises(UsageError, match=f"--for {text}: .*{why}"):
        seconds_of(text)


def test_a_config_that_cannot_be_read_is_the_reason_why_no_daemon_is_found(tmp_path: Path, live: Path):
    file = tmp_path / "m.toml"
    file.write_text('[monitor]\nsocket = "s"\nx = ')
    with pytest.raises(ConfigError, match="3: syntax"):
        chosen_socket(None, str(file))
    assert chosen_socket(str(live), str(file)) == live
