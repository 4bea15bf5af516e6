"""Words that are hardly targets."""

import socket
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.commands import _targets as module
from monitor.commands._targets import check_targets, has_port, hints, is_bare
from monitor.errors import UsageError


@pytest.fixture(autouse=True)
def _resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows one host."""

    def look_up(host: str, port: object) -> list[object]:
        if host != "router":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [host]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("list", "did you mean 'monitor status'?"),
        ("version", "did you mean 'monitor --version'?"),
        ("checc", "did you mean 'monitor check'?"),
        ("xyzzy", "see 'monitor --help'"),
        ("\x1b2J", "there is no command '␛2J'"),
        ("a b", "no host of that name"),
    ],
)
def test_a_word_that_is_no_host_is_answered_and_not_watched(word: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_targets(["https://a.example", word], watched=True)
    assert told in str(caught.value)


def test_a_host_without_a_dot_is_watched() -> None:
    check_targets(["router", "xyzzy:80", "xyzzy.example", "http://xyzzy", "push:xyzzy"], watched=True)


def test_one_check_of_a_word_tells_that_it_does_not_resolve() -> None:
    check_targets(["xyzzy"], watched=False)


@pytest.mark.parametrize("watched", [True, False])
def test_a_file_is_no_host(tmp_path: Path, watched: bool) -> None:
    config = tmp_path / "drill.toml"
    config.touch()
    with pytest.raises(UsageError, match="is a file; did you mean -c "):
        check_targets([str(config)], watched=watched)
    check_targets([str(tmp_path), "a\0b:1"], watched=False)


def test_a_resolver_that_hangs_has_the_benefit_of_the_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: over.wait(10))
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    check_targets(["xyzzy"], watched=True)
    over.set()


@pytest.mark.parametrize(
    ("arguments", "told"), [(["list"], "no command 'list'"), (["check", "DRILL"], "did you mean -c ")]
)
def test_the_exit_status_is_2(
    arguments: Sequence[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "drill.toml"
    config.touch()
    assert main([str(config) if word == "DRILL" else word for word in arguments]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "bare", "port"),
    [
        ("a.example", True, False),
        ("a.example:80", True, True),
        ("a.example:80/x", True, True),
        ("http://a.example:80", False, False),
        ("exec:/bin/true", False, False),
    ],
)
def test_a_bare_target_is_known(target: str, bare: bool, port: bool) -> None:
    assert is_bare(target) is bare
    assert not bare or has_port(target) is port


def test_http_is_proposed_where_https_was_assumed_and_failed() -> None:
    targets = ["localhost:8080", "localhost:8081", "https://localhost:8082", "a.example"]
    failed = ["https://localhost:8080", "https://localhost:8082", "https://a.example"]
    assert hints(targets, failed) == [
        "localhost:8080: https:// is assumed; for plain HTTP, write http://localhost:8080"
    ]
