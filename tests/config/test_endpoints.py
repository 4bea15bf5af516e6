"""Names, ids, URLs and dependencies of endpoints."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.model import Config
from monitor.probes import SCHEMES
from monitor.redact import MASK

Load = Callable[[str], Config]
Problems = Callable[[str], list[str]]


def endpoints(*bodies: str) -> str:
    return "".join(f"[[endpoints]]\n{body}\n" for body in bodies)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://shop.example/health/", "shop.example/health"),
        ("https://user:pw@shop.example:8443/", "shop.example:8443"),
        ("tcp://db.example:5432", "db.example:5432"),
        ("dns://example.com?type=MX", "example.com"),
        ("exec:/bin/true -x", "/bin/true -x"),
        ("exec://[bin/true", "//[bin/true"),
    ],
)
def test_without_a_name_it_is_called_by_host_and_path(loaded: Load, url: str, name: str) -> None:
    (one,) = loaded(endpoints(f'url = "{url}"')).endpoints
    assert one.name == name


def test_ids_are_made_from_names_and_told_apart(loaded: Load) -> None:
    bodies = ('name = "Shop Front"', 'name = "shop: front"', 'name = "日本"', 'name = "!"\nid = "own"')
    made = loaded(endpoints(*(f'url = "tcp://a:1"\n{body}' for body in bodies))).endpoints
    assert [one.id for one in made] == ["shop-front", "shop-front-2", "日本", "own"]


def test_the_source_is_where_it_is_written(loaded: Load) -> None:
    made = loaded(endpoints('url = "tcp://a:1"', 'url = "tcp://b:1"')).endpoints
    assert [one.source.line for one in made if one.source] == [1, 3]


def test_the_retry_interval_is_the_shorter_of_interval_and_five_seconds(loaded: Load) -> None:
    made = loaded(
        endpoints(
            'url = "tcp://a:1"\ninterval = "2s"',
            'url = "tcp://b:1"\ninterval = "1m"',
            'url = "tcp://c:1"\nretry_interval = "9s"',
        )
    ).endpoints
    assert [one.retry_interval for one in made] == [2.0, 5.0, 9.0]


def test_an_objective_is_kept_as_it_is_written(loaded: Load) -> None:
    bodies = ('url = "tcp://a:1"', 'url = "tcp://b:1"\nslo = 99.95')
    made = loaded("[defaults]\nslo = 99\n" + endpoints(*bodies)).endpoints
    assert [one.slo for one in made] == [99.0, 99.95]


def test_tracing_paths_may_be_turned_off_for_all_and_on_for_one(loaded: Load) -> None:
    bodies = ('url = "tcp://a:1"', 'url = "tcp://b:1"\ntrace_path = true')
    made = loaded("[defaults]\ntrace_path = false\n" + endpoints(*bodies)).endpoints
    assert [one.trace_path for one in made] == [False, True]
    assert loaded(endpoints('url = "tcp://a:1"')).endpoints[0].trace_path


def test_a_secret_in_a_name_is_not_shown(loaded: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter2")
    (one,) = loaded(endpoints('url = "tcp://a:1"\nname = "x ${PW}"')).endpoints
    assert "hunter2" not in one.name + one.id


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("push:backup", 'needs [monitor] listen, as in listen = "127.0.0.1:9315"'),
        ("push:", "has no name; write push:NAME, as in push:nightly-backup"),
        ("htps://a", 'has the unknown scheme "htps:"; did you mean "https:"?'),
        ("shop.example/health", 'has no scheme; write "https://shop.example/health", tcp://, dns:// …'),
        ("localhost:8080", 'has no scheme; write "https://localhost:8080", tcp://, dns:// …'),
        ("tcp://a", "'tcp://a' names no port; write one as in tcp://db.example.com:5432"),
    ],
)
def test_a_url_that_cannot_be_checked_is_reported(problems: Problems, url: str, said: str) -> None:
    assert problems(endpoints(f'url = "{url}"')) == [f"2: endpoints[0].url: {said}"]


def test_an_endpoint_without_a_url_is_reported(problems: Problems) -> None:
    (said,) = problems(endpoints('name = "x"'))
    assert said.startswith("1: endpoints[0]: lacks url")


def test_names_given_twice_name_both_places(problems: Problems) -> None:
    (said,) = problems(endpoints('name = "x"\nurl = "tcp://a:1"', 'name = "x"\nurl = "tcp://a:2"'))
    assert said.startswith('5: endpoints[1].name: "x" is also the name of the endpoint at ')
    assert "monitor.toml:1" in said


def test_names_given_twice_are_told_beside_what_else_is_wrong(problems: Problems) -> None:
    said = problems(endpoints('name = "x"\nurl = "tcp://a:1"', 'name = "x"\nurl = "nope://a"'))
    assert [one.partition(": ")[2].partition(":")[0] for one in said] == [
        "endpoints[1].name",
        "endpoints[1].url",
    ]


def test_ids_given_twice_are_reported(problems: Problems) -> None:
    (said,) = problems(endpoints('id = "x"\nurl = "tcp://a:1"', 'id = "x"\nurl = "tcp://a:2"'))
    assert '"x" is also the id of the endpoint at' in said


def test_a_dependency_that_is_not_there_is_reported(problems: Problems) -> None:
    text = endpoints('name = "Gateway"\nurl = "tcp://a:1"', 'url = "tcp://a:2"\ndepends_on = ["Gatway"]')
    assert problems(text) == [
        '6: endpoints[1].depends_on: there is no endpoint named "Gatway"; did you mean "Gateway"?'
    ]


def test_a_dependency_that_may_be_meant_is_named_without_its_secrets_and_signs(
    problems: Problems, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PW", "hunter2")
    first = 'name = "Gateway \\u001b[2J${PW}"\nurl = "tcp://a:1"'
    (said,) = problems(endpoints(first, 'url = "tcp://a:2"\ndepends_on = ["Gateway ?"]'))
    assert said.endswith(f'did you mean "Gateway ␛[2J{MASK}"?')


def test_a_dependency_on_a_broken_endpoint_is_not_called_unknown(problems: Problems) -> None:
    text = endpoints('name = "Gateway"\nurl = "nope://a"', 'url = "tcp://a:2"\ndepends_on = "Gateway"')
    (said,) = problems(text)
    assert said.startswith("3: endpoints[0].url")


def test_a_chain_without_a_circle_is_walked_once(loaded: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(*_args: object) -> list[str]:
        raise AssertionError

    monkeypatch.setattr("monitor.config.endpoints._circle", searched)
    chain = [f'name = "{at}"\nurl = "icmp://a"\ndepends_on = ["{at + 1}"]' for at in range(100)]
    assert len(loaded(endpoints(*chain, 'name = "100"\nurl = "icmp://a"')).endpoints) == 101


@pytest.mark.parametrize(
    ("needs", "circle"), [({"a": "a"}, "a -> a"), ({"a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a")]
)
def test_circular_dependencies_are_reported(problems: Problems, needs: dict[str, str], circle: str) -> None:
    bodies = (
        f'name = "{name}"\nurl = "tcp://{name}:1"\ndepends_on = "{needed}"' for name, needed in needs.items()
    )
    assert f"goes in a circle: {circle}" in problems(endpoints(*bodies))[0]


def test_both_address_families_are_two_probes_of_one_endpoint(loaded: Load) -> None:
    (one,) = loaded(endpoints('url = "tcp://a:1"\nip_version = "both"')).endpoints
    assert (one.probe.ip_version, one.twin and one.twin.ip_version) == (4, 6)  # type: ignore[attr-defined]
    (other,) = loaded(endpoints('url = "tcp://a:1"\nip_version = 6')).endpoints
    assert (other.probe.ip_version, other.twin) == (6, None)  # type: ignore[attr-defined]


def test_a_url_that_is_all_secret_needs_a_name(problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET", "tcp://hidden.test:1")
    assert problems(endpoints('url = "${TARGET}"')) == [
        "1: endpoints[0].name: is needed where all of the URL is a secret"
    ]


def test_every_value_that_a_kind_of_check_refuses_is_reported(problems: Problems) -> None:
    body = """url = "http://a"
method = "get it"
max_redirects = -1
proxy = "ftp://a"
connect_to = "a:b:c"
max_body = "much"
headers = { "X Y" = "1", "X-Z" = "a\\nb" }"""
    assert [one.partition(" ")[2].partition(": ")[0] for one in problems(endpoints(body))] == [
        "endpoints[0].method",
        "endpoints[0].max_redirects",
        "endpoints[0].proxy",
        "endpoints[0].connect_to",
        "endpoints[0].max_body",
        "endpoints[0].headers.X Y",
        "endpoints[0].headers.X-Z",
    ]


def test_what_is_missing_only_because_it_is_wrong_is_told_once(problems: Problems) -> None:
    (one,) = problems(endpoints('url = "udp://a:1"\nsend = 5'))
    assert one.startswith("3: endpoints[0].send: is the number 5")


def test_a_refused_header_is_told_where_it_is_written(problems: Problems) -> None:
    text = '[defaults.headers]\n"X Y" = "1"\n' + endpoints('url = "http://a"\nheaders = { X = "1" }')
    assert problems(text) == [
        "2: defaults.headers.X Y: is no header's name; write letters, digits and dashes"
    ]


def test_every_refused_header_is_reported(problems: Problems) -> None:
    body = 'url = "ws://a"\n[endpoints.headers]\nHost = "a"\n"X Y" = "1"\nhost = "b"\nA = "\\r"'
    assert [one.partition(";")[0] for one in problems(endpoints(body))] == [
        "5: endpoints[0].headers.X Y: is no header's name",
        "6: endpoints[0].headers.host: is there twice: the case of a header's name does not matter",
        "7: endpoints[0].headers.A: may hold no line breaks or control characters",
    ]


def test_a_number_of_any_size_is_a_problem_and_no_crash(problems: Problems) -> None:
    keys = ("down_after", "up_after", "max_redirects", "slo")
    body = "".join(f"{key} = 1{'0' * 400}\n" for key in keys)
    assert [one.partition(" must be ")[0] for one in problems(endpoints(f'url = "http://a"\n{body}'))] == [
        f"{line}: endpoints[0].{key}:" for line, key in enumerate(keys, 3)
    ]


def test_a_colon_in_the_user_of_basic_is_refused(problems: Problems) -> None:
    (one,) = problems(endpoints('url = "http://a"\nauth = { basic = ["a:b", "c"] }'))
    assert one.startswith("3: endpoints[0].auth.basic: has a colon in the user")


@pytest.mark.parametrize("url", ["", 'url = "htp://a"'])
def test_an_endpoint_of_no_known_kind_is_looked_through_all_the_same(problems: Problems, url: str) -> None:
    told = problems(endpoints(f'{url}\nulr = "http://a"\ntimeout = "x"\nmax_body = "y"\nexpect.status = 99'))
    keys = ["ulr", "timeout", "max_body", "expect.status"]
    assert [one.split()[1] for one in told[1:]] == [f"endpoints[0].{key}:" for key in keys]
    assert told[1].endswith('did you mean "url"?')


def test_the_key_of_a_table_in_a_table_is_told_once(problems: Problems) -> None:
    body = 'url = "http://a"\n[endpoints.auth.oauth2]\ntoken_url = "x"\nclient_id = "a"\nclient_secret = "b"'
    (one,) = problems(endpoints(body))
    assert one.startswith("4: endpoints[0].auth.oauth2.token_url: is not a URL that can be asked")


def test_an_empty_id_is_reported(problems: Problems) -> None:
    assert problems(endpoints('url = "http://a"\nid = " "')) == [
        "3: endpoints[0].id: is empty; leave it out, and it is made from the name"
    ]


def test_a_file_for_tls_that_holds_no_certificate_is_reported(
    problems: Problems, write: Callable[..., Path]
) -> None:
    write("", "empty.pem")
    (one,) = problems(endpoints('url = "https://a"\ntls.ca = "empty.pem"'))
    assert one.startswith("3: endpoints[0].tls.ca: ")
    assert "holds no usable certificates" in one


def test_what_a_whole_group_depends_on_may_be_in_the_group(loaded: Load) -> None:
    text = '[groups.shop]\ndepends_on = ["gateway"]\n' + endpoints(
        *(f'name = "{name}"\nurl = "tcp://a:1"\ngroup = "shop"' for name in ("gateway", "front"))
    )
    assert [one.depends_on for one in loaded(text).endpoints] == [(), ("gateway",)]


def test_what_is_wrong_with_what_is_inherited_is_told_once_and_where_it_is_written(
    problems: Problems,
) -> None:
    text = '[defaults]\ndepends_on = ["nobody"]\n' + endpoints('url = "tcp://a:1"', 'url = "tcp://b:1"')
    assert problems(text) == ['2: defaults.depends_on: there is no endpoint named "nobody"']


@pytest.mark.parametrize("scheme", sorted({*SCHEMES} - {"exec", "push"}))
def test_a_blank_in_a_host_is_refused_whatever_the_scheme(problems: Problems, scheme: str) -> None:
    (told,) = problems(endpoints(f'url = "{scheme}://x y"'))
    assert "the host's name has a blank in it" in told
