"""[defaults], [groups.NAME] and [[endpoints]]: what is inherited, and what cannot be."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Config, Observation
from monitor.wire.tls import TlsOptions

Load = Callable[[str], Config]
Problems = Callable[[str], list[str]]

LAYERED = """
[defaults]
interval = "1m"
timeout = "5s"
headers = { A = "defaults", B = "defaults", C = "defaults" }
expect = { status = 200, latency = "5s" }
[groups.shop]
timeout = "4s"
headers = { B = "shop", C = "shop" }
expect.latency = "4s"
[[endpoints]]
url = "https://one.example/"
group = "shop"
headers = { C = "own" }
expect.body = "ok"
[[endpoints]]
url = "tcp://two.example:1"
"""


KINDS_LOADED = """
import sys
from pathlib import Path
from monitor.config import load
load(Path(sys.argv[1]))
print("monitor.probes.http" in sys.modules, "monitor.probes.mysql" in sys.modules)
"""


def test_defaults_for_every_kind_load_no_kind_that_is_not_checked(tmp_path: Path) -> None:
    config = tmp_path / "monitor.toml"
    config.write_text('[defaults]\ninterval = "1m"\n[[endpoints]]\nurl = "http://one.example/"\n')
    command = [sys.executable, "-P", "-c", KINDS_LOADED, str(config)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False"]


def test_the_nearest_value_wins_and_tables_of_names_are_merged(loaded: Load) -> None:
    one, two = loaded(LAYERED).endpoints
    assert (one.interval, one.timeout) == (60.0, 4.0)
    assert one.probe.headers == {"A": "defaults", "B": "shop", "C": "own"}  # type: ignore[attr-defined]
    assert two.timeout == 5.0


TLS = """
[defaults]
tls = { min_version = "1.3", verify = false }
[groups.shop]
tls = { verify = true }
[[endpoints]]
url = "https://one.example/"
group = "shop"
tls = { server_name = "shop.example" }
"""


def test_settings_of_tls_are_merged_key_by_key(loaded: Load) -> None:
    (one,) = loaded(TLS).endpoints
    assert one.probe.tls == TlsOptions(min_version="1.3", server_name="shop.example")  # type: ignore[attr-defined]


def test_auth_is_one_choice_and_is_replaced(loaded: Load) -> None:
    (one,) = loaded(
        '[defaults]\nauth = { basic = ["ann", "pass"] }\n'
        '[[endpoints]]\nurl = "https://one.example/"\nauth = { bearer = "token" }\n'
    ).endpoints
    assert one.probe.auth.basic is None  # type: ignore[attr-defined]


def test_expectations_are_merged_key_by_key(loaded: Load) -> None:
    one, two = loaded(LAYERED).endpoints
    assert {type(assertion).__name__ for assertion in one.expect} == {"StatusIn", "MaxLatency", "Match"}
    assert [assertion.ms for assertion in two.expect] == [5000.0]  # type: ignore[attr-defined]


def test_a_certificate_is_asked_of_those_that_have_one_unless_it_is_their_own_wish(loaded: Load) -> None:
    text = '[defaults]\nwarn.certificate = "21d"\n'
    heir, own = loaded(
        text + '[[endpoints]]\nurl = "http://a/"\n[[endpoints]]\nurl = "http://b/"\nwarn.certificate = "7d"\n'
    ).endpoints
    without = Observation(started=0.0)
    assert heir.warn[0].judge(without, "warn") is None
    assert own.warn[0].judge(without, "warn") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[defaults]\nname = "x"', "2: defaults.name: belongs to one endpoint; it cannot be inherited"),
        ('[groups.a]\nurl = "x"', "2: groups.a.url: belongs to one endpoint; it cannot be inherited"),
        ('[groups.a]\ngroup = "b"', "2: groups.a.group: cannot be set for a group"),
        ('[defaults]\ntimeuot = "1s"', '2: defaults.timeuot: is no key here; did you mean "timeout"?'),
        (
            "[defaults.expect]\nstauts = 200",
            '2: defaults.expect.stauts: is no expectation here; did you mean "status"?',
        ),
        (
            "[defaults]\nexpect = 200",
            '2: defaults.expect: must be a table, as in { status = 200, latency = "2s" }',
        ),
        ("defaults = 3", "1: defaults: is the number 3; write it as [defaults]"),
        ("groups = 3", "1: groups: is the number 3; write each group as [groups.NAME]"),
    ],
)
def test_what_cannot_be_inherited_is_reported(problems: Problems, text: str, said: str) -> None:
    assert problems(text) == [said]


def endpoint(*lines: str, url: str = "tcp://a:1") -> str:
    return "\n".join(["[[endpoints]]", f'url = "{url}"', *lines])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (endpoint('method = "GET"'), "3: endpoints[0].method: is a key of http checks, not of tcp ones"),
        (
            endpoint("expect.status = 200"),
            "3: endpoints[0].expect.status: is an expectation of http checks, not of tcp ones",
        ),
        (
            endpoint("expect.reply = { contian = 'x' }"),
            "3: endpoints[0].expect.reply.contian: there is no operator 'contian'; did you mean 'contains'?",
        ),
        (endpoint("expect.reply = { matches = '(' }"), "3: endpoints[0].expect.reply.matches: "),
        (
            endpoint('expect.json = { "$[" = 1 }', url="http://a/"),
            "3: endpoints[0].expect.json.$[: is not an RFC 9535 path",
        ),
        (
            endpoint("expect.status = '0xx'", url="http://a/"),
            '3: endpoints[0].expect.status: "0xx" is no HTTP status; write a code such as 200',
        ),
    ],
)
def test_a_key_that_is_wrong_here_is_told_with_what_would_be_right(
    problems: Problems, text: str, said: str
) -> None:
    (told,) = problems(text)
    assert told.startswith(said)


def test_one_wrong_value_in_the_defaults_is_told_once_however_many_inherit_it(problems: Problems) -> None:
    text = '[defaults]\ntimeout = "soon"\n' + "".join(
        f"{endpoint(url=f'tcp://a:{n}')}\n" for n in range(1, 9)
    )
    assert len(problems(text)) == 1


def test_inherited_values_are_converted_once(loaded: Load) -> None:
    text = '[defaults]\nheaders = { A = "b" }\n' + "".join(
        f"{endpoint(url=f'http://a/{n}')}\n" for n in range(3)
    )
    probes: list[Any] = [one.probe for one in loaded(text).endpoints]
    assert probes[0].headers is probes[1].headers is probes[2].headers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            endpoint("status = 200", url="http://a/"),
            "3: endpoints[0].status: is an expectation; write expect.status",
        ),
        (
            "[defaults]\nstatus = 200",
            "2: defaults.status: is an expectation; write expect.status or warn.status",
        ),
        (
            endpoint('expect.timeout = "3s"', url="http://a/"),
            "3: endpoints[0].expect.timeout: belongs to the endpoint itself; write it above expect",
        ),
        ("[defaults.warn]\ninterval = 3", "2: defaults.warn.interval: belongs to the endpoint itself"),
        ('interval = "3s"', "1: interval: belongs to endpoints; write it below [defaults] or [[endpoints]]"),
        ("[group.shop]\ninterval = 3", '1: group: is no table here; did you mean "groups"?'),
    ],
)
def test_a_key_in_the_wrong_place_is_told_where_it_belongs(
    problems: Callable[[str], list[str]], text: str, told: str
) -> None:
    (said,) = problems(text)
    assert said.startswith(told)


def test_every_json_path_that_is_wrong_is_told_with_its_own_line(problems: Problems) -> None:
    text = '[[endpoints]]\nurl = "http://a/"\n[endpoints.expect.json]\n'
    text += '"$.7.bill" = 1\n"$.ok" = 1\n"status" = 2\n'
    assert problems(text) == [
        "4: endpoints[0].expect.json.$.7.bill: is not an RFC 9535 path; did you mean $['7'].bill?",
        "6: endpoints[0].expect.json.status: is not an RFC 9535 path; did you mean $.status?",
    ]
