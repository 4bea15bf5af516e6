"""[monitor]."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.model import Config

Problems = Callable[[str], list[str]]


def test_settings_are_read(loaded: Callable[[str], Config]) -> None:
    text = '[monitor]\nmax_concurrency = 7\nhistory = "off"\nconnectivity = ["tcp://192.0.2.1:443", "icmp://192.0.2.1"]'
    settings = loaded(text).settings
    assert settings.max_concurrency == 7
    assert [canary.target for canary in settings.connectivity] == ["tcp://192.0.2.1:443", "icmp://192.0.2.1"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9315", ("127.0.0.1", 9315)),
        ("localhost:0", ("localhost", 0)),
        (":9315", ("", 9315)),
        ("[::1]:9315", ("::1", 9315)),
        ("bücher.test:1", ("xn--bcher-kva.test", 1)),
    ],
)
def test_an_address_to_listen_on_is_read(
    loaded: Callable[[str], Config], text: str, address: tuple[str, int]
) -> None:
    assert loaded(f'[monitor]\nlisten = "{text}"\ntokens.read = "r"').settings.listen == address


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.8.8.8:1", "localhost:1", "[::1]:1"])
def test_a_loopback_address_needs_no_token(loaded: Callable[[str], Config], address: str) -> None:
    assert loaded(f'[monitor]\nlisten = "{address}"').settings.tokens.read == ""


@pytest.mark.parametrize("address", [":1", "0.0.0.0:1", "[::]:1", "192.0.2.1:1", "shop.example:1"])
def test_an_address_that_others_can_reach_needs_a_token(problems: Problems, address: str) -> None:
    (said,) = problems(f'[monitor]\nlisten = "{address}"\ntokens = {{ write = "w" }}')
    assert said.startswith("2: monitor.listen: can be reached from other machines")
    assert "set tokens.read" in said


def test_tokens_are_read_and_never_shown(loaded: Callable[[str], Config]) -> None:
    settings = loaded('[monitor]\ntokens = { read = "hunter1", write = "hunter2" }').settings
    assert (settings.tokens.read, settings.tokens.write) == ("hunter1", "hunter2")
    assert "hunter" not in repr(settings)


@pytest.mark.parametrize("token", ["", "a b", "ünï", "a\\tb"])
def test_a_token_that_no_header_can_carry_is_refused(problems: Problems, token: str) -> None:
    (said,) = problems(f'[monitor]\ntokens.read = "{token}"')
    assert said == "2: monitor.tokens.read: must be ASCII letters, digits and signs, without blanks"


def test_the_socket_is_relative_to_the_config(loaded: Callable[[str], Config], tmp_path: Path) -> None:
    text = '[monitor]\nsocket = "run/shop.sock"\nsocket_group = "ops"'
    assert loaded(text).settings.socket == str(tmp_path / "run" / "shop.sock")
    assert loaded(text).settings.socket_group == "ops"
    assert loaded('[monitor]\nsocket = "/run/x.sock"').settings.socket == "/run/x.sock"
    assert loaded("").settings.socket == ""


@pytest.mark.parametrize(
    "text",
    [
        "9315",
        "localhost",
        "localhost:http",
        "::1:9315",
        "a:70000",
        "",
        "a..b:1",
        f"{'a' * 64}:1",
        "a b:1",
        "[1:2]:1",
        "a:-1",
    ],
)
def test_what_is_no_address_to_listen_on_is_reported(problems: Problems, text: str) -> None:
    (said,) = problems(f'[monitor]\nlisten = "{text}"')
    assert said.startswith(f"2: monitor.listen: '{text}' is no address to listen on; write one as ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[monitor]\nmax_concurrency = 0", "2: monitor.max_concurrency: must be 1 or more"),
        (
            '[monitor]\nsocket = ""',
            "2: monitor.socket: is ''; it must be the path of a socket, which the daemon",
        ),
        (
            '[monitor]\nsocket = "/tmp"',
            "2: monitor.socket: is '/tmp'; it must be the path of a socket, which",
        ),
        ('[monitor]\nconnectivity = ["tcp://a"]', "2: monitor.connectivity[0].url: "),
        (
            '[monitor]\nconnectivty = ["tcp://a:1"]',
            '2: monitor.connectivty: is no key here; did you mean "connectivity"?',
        ),
        ("monitor = 3", "1: monitor: is the number 3; it must be a table"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(problems: Problems, text: str, said: str) -> None:
    assert problems(text)[0].startswith(said)


def test_all_that_is_wrong_with_the_settings_is_told_at_once(problems: Problems) -> None:
    text = '[monitor]\nmax_concurency = 3\nmax_concurrency = 0\nlisten = "nope"\nconnectivity = ["tcp://a"]'
    assert [one.partition(": ")[2].partition(": ")[0] for one in problems(text)] == [
        "monitor.max_concurency",
        "monitor.max_concurrency",
        "monitor.listen",
        "monitor.connectivity[0].url",
    ]
