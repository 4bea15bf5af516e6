"""Where the daemon of a config listens."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from monitor.link import address
from monitor.link.address import default_socket, existing_socket


def test_the_path_is_made_from_the_config_in_the_sessions_folder():
    first = default_socket("/etc/monitor/monitor.toml", {"XDG_RUNTIME_DIR": "/run/user/1"})
    assert first.parent == Path("/run/user/1/monitor")
    assert first.name.startswith("monitor-")
    assert first.suffix == ".sock"
    assert first == default_socket("/etc/./monitor/monitor.toml", {"XDG_RUNTIME_DIR": "/run/user/1"})
    assert first != default_socket("/etc/other/monitor.toml", {"XDG_RUNTIME_DIR": "/run/user/1"})


@pytest.mark.parametrize("environ", [{}, {"XDG_RUNTIME_DIR": ""}, {"XDG_RUNTIME_DIR": "relative"}])
def test_without_a_session_it_is_the_systems_folder(environ: dict[str, str]):
    assert default_socket("/x.toml", environ).parent == Path("/run/monitor")


def test_a_relative_path_is_taken_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert default_socket("m.toml", {}) == default_socket(tmp_path / "m.toml", {})


def test_a_client_takes_the_systems_daemon_if_the_session_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(address, "SYSTEM", tmp_path / "system")
    environ = {"XDG_RUNTIME_DIR": str(tmp_path / "session")}
    own, system = default_socket("/m.toml", environ), default_socket("/m.toml", {})
    assert existing_socket("/m.toml", environ) == own
    for place in (system, own):
        place.parent.mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(place))
        assert existing_socket("/m.toml", environ) == place
