"""A whole config: the main file, what it includes, and targets instead of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import from_targets, load
from monitor.errors import ConfigError, UsageError
from monitor.probes import kinds, probe_class
from monitor.redact import MASK

Write = Callable[..., Path]
ONE = '[[endpoints]]\nurl = "tcp://one:1"\n'
TWO = '[[endpoints]]\nurl = "tcp://two:1"\n'


def test_a_config_knows_its_files_title_and_order(write: Write) -> None:
    write(TWO, "conf.d/b.toml")
    write(ONE, "conf.d/a.toml")
    main = write('include = ["conf.d/*.toml"]\n[[endpoints]]\nurl = "tcp://main:1"\n')
    config = load(main)
    assert [one.name for one in config.endpoints] == ["main:1", "one:1", "two:1"]
    assert [Path(file).name for file in config.files] == ["monitor.toml", "a.toml", "b.toml"]
    assert (config.title, config.file) == ("monitor.toml", str(main))


def test_an_included_file_inherits_the_main_defaults_below_its_own(write: Write) -> None:
    write('[defaults]\ntimeout = "2s"\n' + ONE, "sub.toml")
    (one,) = load(write('include = ["sub.toml"]\n[defaults]\ntimeout = "1s"\ninterval = "1m"\n')).endpoints
    assert (one.timeout, one.interval) == (2.0, 60.0)


def test_groups_and_dependencies_reach_across_files(write: Write) -> None:
    write('[[endpoints]]\nname = "Gateway"\nurl = "tcp://gw:1"\n[groups.g]\ntimeout = "3s"\n', "sub.toml")
    text = 'include = ["sub.toml"]\n[[endpoints]]\nurl = "tcp://a:1"\ngroup = "g"\ndepends_on = "Gateway"\n'
    one = load(write(text)).endpoints[0]
    assert (one.timeout, one.depends_on) == (3.0, ("Gateway",))


def test_files_that_include_each_other_are_read_once(write: Write) -> None:
    write('include = ["monitor.toml"]\n' + ONE, "sub.toml")
    assert len(load(write('include = ["sub.toml", "*.toml"]\n' + TWO)).endpoints) == 2


def test_every_problem_of_every_file_is_told_in_order(write: Write) -> None:
    sub = write('[monitor]\nmax_concurrency = 3\n[[endpoints]]\nurl = "tcp://a"\n', "sub.toml")
    main = write(
        'include = ["sub.toml", "gone.toml"]\nintervall = 3\n[[endpoints]]\nurl = "x"\ntimeout = "y"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(main)
    told = [f"{Path(one.file).name}:{one.line}" for one in caught.value.problems]
    assert told == [
        "monitor.toml:1",
        "monitor.toml:2",
        "monitor.toml:4",
        "monitor.toml:5",
        "sub.toml:1",
        "sub.toml:4",
    ]
    assert str(sub) in str(caught.value)


def test_how_the_dashboard_looks_is_the_main_files_business(write: Write) -> None:
    write('[dashboard]\ntheme = "light"\n', "sub.toml")
    with pytest.raises(ConfigError, match=r"sub.toml:1: dashboard: belongs to the main file"):
        load(write('include = ["sub.toml"]\n'))


def test_targets_take_how_the_dashboard_looks_from_the_config(write: Write) -> None:
    file = write('[dashboard]\ntheme = "light"\n')
    assert from_targets(["a.example"], defaults_from=file).dashboard.theme == "light"


def test_a_broken_included_file_does_not_hide_what_else_is_wrong(write: Write) -> None:
    write("a = ", "sub.toml")
    with pytest.raises(ConfigError) as caught:
        load(write('include = ["sub.toml"]\n[defaults]\ntimeout = "soon"\n'))
    assert [one.key for one in caught.value.problems] == ["syntax", "defaults.timeout"]


def test_a_group_set_twice_is_reported(write: Write) -> None:
    write("[groups.g]\n", "sub.toml")
    with pytest.raises(ConfigError, match="is also set at"):
        load(write('include = ["sub.toml"]\n[groups.g]\n'))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "endpoints = 3",
            "endpoints: is the number 3; write each endpoint as a table that begins with [[endpoints]]",
        ),
        ("[endpoints]\nurl = 'tcp://a:1'", "endpoints: is a table; write each endpoint as a table"),
        ("[endpoint]\n", 'endpoint: is no table here; did you mean "endpoints"?'),
        ("include = 3", "include: is the number 3; it must be an array"),
    ],
)
def test_tables_of_the_wrong_shape_are_reported(write: Write, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(text))
    assert said in str(caught.value)


def test_an_empty_config_has_no_endpoints(write: Write) -> None:
    assert load(write("")).endpoints == ()


def test_secrets_are_masked_in_foreign_text(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    config = load(write('[[endpoints]]\nurl = "https://a/?t=${TOKEN}"\n'))
    assert config.redact("it said hunter2") == f"it said {MASK}"
    assert config.endpoints[0].target == f"https://a/?t={MASK}"


def test_no_error_message_tells_a_secret(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    keys = (
        "timeout",
        "method",
        "proxy",
        "connect_to",
        "http_version",
        "name",
        "group",
        "runbook",
        "down_after",
    )
    text = "".join(
        f'[[endpoints]]\nurl = "nope-${{TOKEN}}://x"\n{key} = "${{TOKEN}} \u0007"\n' for key in keys
    )
    text += (
        '[[endpoints]]\nurl = "http://x/"\n[endpoints.expect]\nstatus = "${TOKEN}"\nlatency = "${TOKEN}"\n'
    )
    text += 'body = { matches = "(${TOKEN}" }\njson = { "$.a" = { lt = "${TOKEN}" } }\n'
    with pytest.raises(ConfigError) as caught:
        load(write(text))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", kinds())
def test_what_cannot_be_taken_apart_is_told_without_its_secrets(
    write: Write, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    scheme = probe_class(kind).schemes[0]
    bodies = [
        *(
            f'url = "{scheme}://{rest}"'
            for rest in ("${TOKEN}:${TOKEN}", "h:${TOKEN}", "[${TOKEN}]:1/${TOKEN}")
        ),
        *(f'url = "{scheme}://h:1"\n{key} = "[${{TOKEN}}]"' for key in ("connect_to", "proxy", "interval")),
        f'url = "{scheme}://h:1"\nauth.oauth2.token_url = "http://[${{TOKEN}}]"',
    ]
    with pytest.raises(ConfigError) as caught:
        load(write("".join(f"[[endpoints]]\n{body}\n" for body in bodies)))
    assert "hunter2" not in str(caught.value)


# ---- what is not saved yet


def test_what_is_not_saved_yet_stands_in_for_the_file(write: Write) -> None:
    sub = write(ONE, "sub.toml")
    main = write('include = ["sub.toml"]\n')
    config = load(main, {str(sub): TWO.encode()})
    assert [one.name for one in config.endpoints] == ["two:1"]
    assert load(main).digests != config.digests
    assert load(main, {str(sub): ONE.encode()}).digests == load(main).digests


def test_what_is_not_saved_yet_is_known_by_whatever_name_the_file_has(write: Write) -> None:
    main = write(ONE)
    link = main.with_name("link.toml")
    link.symlink_to(main)
    assert [one.name for one in load(main, {str(link): TWO.encode()}).endpoints] == ["two:1"]


def test_problems_of_what_is_not_saved_yet_have_their_lines(write: Write) -> None:
    main = write(ONE)
    with pytest.raises(ConfigError) as caught:
        load(main, {str(main): b"\n\nx = "})
    assert [(one.file, one.line, one.key) for one in caught.value.problems] == [(str(main), 3, "syntax")]


def test_one_endpoint_alone_is_looked_into(write: Write) -> None:
    sub = write(ONE + 'depends_on = ["main:1"]\n' + '[[endpoints]]\nurl = "tcp://other"\n', "sub.toml")
    defaults = 'include = ["sub.toml"]\n[defaults]\ntimeout = "3s"\n'
    main = write(f'{defaults}[[endpoints]]\nurl = "tcp://main:1"\nmethod = 1\n')
    config = load(main, only=(str(sub), 0))
    assert [(one.name, one.timeout, one.depends_on) for one in config.endpoints] == [
        ("one:1", 3.0, ("main:1",))
    ]
    with pytest.raises(ConfigError) as caught:
        load(main, only=(str(sub), 1))
    assert [one.key for one in caught.value.problems] == ["endpoints[1].url"]


def test_the_names_of_the_others_count_for_one_endpoint_alone(write: Write) -> None:
    main = write(
        ONE + 'name = "a"\n' + TWO + 'name = "a"\ndepends_on = "b"\n' + "[[endpoints]]\nurl = 'tcp://[b'\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(main, only=(str(main), 1))
    assert [one.key for one in caught.value.problems] == ["endpoints[1].name", "endpoints[1].depends_on"]


# ---- targets


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("example.com", "https://example.com"),
        ("example.com:8443/x", "https://example.com:8443/x"),
        ("http://example.com/", "http://example.com/"),
        ("tcp://example.com:1", "tcp://example.com:1"),
        ("2001:db8::1", "https://[2001:db8::1]"),
    ],
)
def test_a_bare_host_is_asked_over_https(target: str, url: str) -> None:
    (one,) = from_targets([target]).endpoints
    assert one.target == url


def test_targets_are_told_apart_and_named_once() -> None:
    config = from_targets(["http://a/x", "https://a/x", "http://a/x"])
    assert [one.name for one in config.endpoints] == ["http://a/x", "https://a/x"]
    assert config.title == "http://a/x, https://a/x, http://a/x"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("example.com", "example.com"),
        ("example.com/x", "example.com/x"),
        ("localhost:8080", "https://localhost:8080"),
        ("localhost:8080/x", "https://localhost:8080/x"),
        ("http://localhost:8080", "localhost:8080"),
        ("2001:db8::1", "[2001:db8::1]"),
    ],
)
def test_where_https_is_assumed_for_a_port_the_name_says_so(target: str, name: str) -> None:
    (one,) = from_targets([target, target]).endpoints
    assert one.name == name


def test_targets_take_the_defaults_of_a_config(write: Write) -> None:
    file = write('[defaults]\ntimeout = "2s"\n' + ONE)
    (one,) = from_targets(["a.example"], defaults_from=file).endpoints
    assert one.timeout == 2.0


@pytest.mark.parametrize("target", ["push:x", "htpp://x", "a b", "tcp://x", "https://[::1", ""])
def test_a_target_that_cannot_be_watched_is_a_usage_error(target: str) -> None:
    with pytest.raises(UsageError):
        from_targets([target, "good.example"])
