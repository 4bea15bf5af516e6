"""What is valid and yet hardly meant."""

from collections.abc import Callable

import pytest

from monitor.model import Config

Load = Callable[[str], Config]
ENDPOINT = '[[endpoints]]\nurl = "http://a.example"\n'


def warnings(config: Config) -> list[str]:
    return [f"{one.line}: {one.key}: {one.text.removeprefix('warning: ')}" for one in config.warnings]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            ENDPOINT + '[[alerts]]\nurl = "exec:true"\nselect = ["a.*", "group:shpo"]',
            "5: alerts[0].select[1]: selects no endpoint",
        ),
        (
            ENDPOINT + '[[maintenance]]\ncron = "@daily"\nduration = "1h"\nselect = ["tag:eu"]',
            "6: maintenance[0].select[0]: selects no endpoint",
        ),
        (
            '[monitor]\nsocket_group = "nobody-made-this-group"\n' + ENDPOINT,
            "2: monitor.socket_group: this machine has no such group; the daemon does not start without it",
        ),
        (
            '[monitor]\nsocket_group = "a\\u0000b"\n' + ENDPOINT,
            "2: monitor.socket_group: this machine has no such group; the daemon does not start without it",
        ),
        (
            ENDPOINT + 'interval = "5s"\ntimeout = "8s"',
            "4: endpoints[0].timeout: is longer than the interval (5s): a slow check delays the next one",
        ),
        (
            '[defaults]\ntimeout = "1m"\n' + ENDPOINT,
            "2: defaults.timeout: is longer than the interval (30s): a slow check delays the next one",
        ),
        (
            ENDPOINT + 'timeout = "2s"\nexpect.latency = "3s"',
            "4: endpoints[0].expect.latency: is longer than the timeout (2s), which ends the check before",
        ),
        (
            ENDPOINT + 'warn.latency = "3s"\nexpect.latency = "1s"',
            "3: endpoints[0].warn.latency: never warns: expect.latency fails the check before",
        ),
        (
            ENDPOINT + 'warn.certificate = "7d"\nexpect.certificate = "14d"',
            "3: endpoints[0].warn.certificate: never warns: expect.certificate fails the check before",
        ),
        (
            '[groups.shop]\ninterval = "5s"\n'
            + ENDPOINT
            + 'group = "shpo"\n'
            + ENDPOINT[:-2]
            + '/b"\ngroup = "shop"',
            '5: endpoints[0].group: there is no [groups.shpo] to inherit keys from; did you mean "shop"?',
        ),
        (
            '[groups.shop]\ninterval = "5s"\n' + ENDPOINT,
            "1: groups.shop: no endpoint is in this group, so that its keys apply to nothing",
        ),
        (
            ENDPOINT
            + '[monitor]\nlisten = "127.0.0.1:0"\ntokens = { read = "0123456789abcdef", write = "short" }',
            "5: monitor.tokens.write: has fewer than 16 characters, so that it could be guessed",
        ),
        ('include = ["nope/*.toml"]\n' + ENDPOINT, "1: include: no file matches nope/*.toml"),
    ],
    ids=lambda value: "",
)
def test_what_is_hardly_meant_is_a_warning_with_its_line(loaded: Load, text: str, told: str) -> None:
    assert warnings(loaded(text)) == [told]


@pytest.mark.parametrize(
    "text",
    [
        ENDPOINT + 'interval = "2s"',
        ENDPOINT + 'interval = "2s"\ntimeout = "2s"',
        ENDPOINT + 'warn.latency = "1s"\nexpect.latency = "3s"',
        ENDPOINT + 'warn.certificate = "14d"\nexpect.certificate = "7d"',
        ENDPOINT + 'group = "shop"',
        '[groups.shop]\ninterval = "5s"\n'
        + ENDPOINT
        + 'group = "shop"\n'
        + ENDPOINT[:-2]
        + '/b"\ngroup = "mail"',
    ],
    ids=lambda value: "",
)
def test_what_is_meant_is_no_warning(loaded: Load, text: str) -> None:
    assert warnings(loaded(text)) == []


def test_a_warning_that_many_inherit_is_told_once(loaded: Load) -> None:
    more = '[[endpoints]]\nurl = "http://b.example"\n'
    assert len(warnings(loaded('[defaults]\ntimeout = "1m"\n' + ENDPOINT + more))) == 1


def test_a_warning_shows_no_secret(loaded: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "shophunter2")
    config = loaded('[groups.shophunter]\ninterval = "5s"\n' + ENDPOINT + 'group = "${PW}"')
    assert "hunter2" not in "".join(warnings(config))
