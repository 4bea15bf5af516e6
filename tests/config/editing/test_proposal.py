"""One endpoint more, from what somebody types."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.editing.proposal import like, modification, proposal, questions, written_texts
from monitor.errors import ConfigError, EditError, FieldError
from monitor.redact import MASK

Write = Callable[..., Path]
FILE = """\
[defaults]
interval = "20s"

[[endpoints]]
name = "db"
id = "the-db"
url = "postgres://u:${PW}@db.test/x"
tags = ["eu"]
[endpoints.expect]
rows = { gt = 0 }
"""


@pytest.fixture
def config(write: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PW", "hunter2")
    return load(write(FILE))


def test_a_proposal_is_the_file_with_one_endpoint_more(config):
    proposed = proposal(config, config.file, {"url": "tcp://a.test:1", "warn.latency": "1s"})
    assert proposed.change.after.decode() == FILE + (
        '\n[[endpoints]]\nurl = "tcp://a.test:1"\n\n[endpoints.warn]\nlatency = "1s"\n'
    )
    (one,) = proposed.alone(config).endpoints
    assert (one.name, one.interval, one.source.line) == ("a.test:1", 20.0, 12)


def problems(config, **typed):
    proposed = proposal(config, config.file, {key.replace("__", "."): text for key, text in typed.items()})
    with pytest.raises(ConfigError) as caught:
        proposed.alone(config)
    return proposed.by_key(caught.value.problems)


WRONG = [
    ({"name": "x"}, {"url": 'lacks url, as in url = "https://example.com/health"'}),
    ({"url": "tcp://a:1", "interval": "soon"}, {"interval": "'soon' is not a duration"}),
    ({"url": "tcp://a:1", "name": "db"}, {"name": '"db" is also the name of the endpoint'}),
    ({"url": "https://a", "expect__status": "0xx"}, {"expect.status": "\"0xx\" is no HTTP status"}),
    ({"url": "https://a", "expect__json": '{ "$.a.b" = { lt = {} } }'}, {"expect.json": "compares with"}),
    ({"url": "https://a", "tls": '{ verfy = true, ca = "none" }'}, {"tls": "is no key here; did you mean"}),
    ({"url": "https://a", "headers": '{ "a b" = 1 }'}, {"headers": "is the number 1"}),
    ({"url": "tcp://${NOT_SET}:1"}, {"url": "the environment variable NOT_SET is not set"}),
    ({"url": "tcp://a:1", "depends_on": "dbx"}, {"depends_on": 'did you mean "db"?'}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "told"), WRONG)
def test_what_is_wrong_is_told_at_the_key_that_was_typed(config, typed, told):
    found = problems(config, **typed)
    assert found.keys() == told.keys()
    for key, text in told.items():
        assert text in found[key]


def test_what_is_wrong_elsewhere_is_told_with_its_place(config, monkeypatch):
    monkeypatch.delenv("PW")
    assert list(problems(config, url="tcp://a:1")) == [""]
    assert f"{config.file}:7: endpoints[0].url: the environment" in problems(config, url="tcp://a:1")[""]


def test_questions_have_the_defaults_of_the_file_and_of_the_main_file(write: Write):
    sub = write('[defaults]\ninterval = "5s"\n', "sub.toml")
    config = load(write('include = "sub.toml"\n[defaults]\ninterval = "1m"\ntimeout = "9s"\n'))
    found = {one.key: one.default for one in questions(config, str(sub), "http")}
    assert (found["interval"], found["timeout"], found["method"]) == ("5s", "9s", "GET")
    found = {one.key: one.default for one in questions(config, config.file, "")}
    assert found["interval"] == "1m"
    assert "method" not in found


def test_questions_have_the_defaults_of_the_group_on_top(write: Write):
    sub = write('[groups.shop]\ninterval = "5s"\nexpect.status = 204\ntls.min_version = "1.3"\n', "sub.toml")
    defaults = '[defaults]\ninterval = "1m"\ngroup = "shop"\nexpect.latency = "2s"\ntls.verify = false\n'
    config = load(write('include = "sub.toml"\n' + defaults))
    for group in ("shop", ""):
        found = {one.key: one.default for one in questions(config, config.file, "http", group)}
        assert (found["interval"], found["expect.latency"], found["expect.status"]) == ("5s", "2s", "204")
        assert found["tls"] == '{ verify = false, min_version = "1.3" }'
    for file in (config.file, str(sub)):
        found = {one.key: one.default for one in questions(config, file, "http", "other")}
        assert (found["interval"], found["expect.status"]) == ("1m", "2xx")


def test_a_template_keeps_references_and_has_no_id(config):
    assert like(config, config.endpoints[0]) == {
        "name": "db",
        "url": "postgres://u:${PW}@db.test/x",
        "tags": "eu",
        "expect.rows": "{ gt = 0 }",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://u:hunter2@db:1", f"redis://u:{MASK}@db:1"),
        ("redis://u:hunter${PW}@db:1", f"redis://u:{MASK}@db:1"),
        ("redis://${PW}:${PW}@db:1", "redis://${PW}:${PW}@db:1"),
        ("redis://u@db:1", "redis://u@db:1"),
    ],
)
def test_a_template_has_no_password_and_cannot_be_saved_without(write: Write, config, url, shown):
    config = load(write(f'[[endpoints]]\nurl = "{url}"\n'))
    typed = like(config, config.endpoints[0])
    assert typed == {"url": shown}
    if MASK in shown:
        with pytest.raises(FieldError, match="was not shown") as caught:
            proposal(config, config.file, typed)
        assert caught.value.key == "url"


def changed(config, **typed):
    texts = {key.replace("__", "."): text for key, text in typed.items()}
    return modification(config, config.endpoints[0], texts)


def test_the_texts_of_an_endpoint_are_those_of_its_file(config):
    assert written_texts(config, config.endpoints[0]) == {
        "name": "db",
        "id": "the-db",
        "url": "postgres://u:${PW}@db.test/x",
        "tags": "eu",
        "expect.rows": "{ gt = 0 }",
    }


def test_a_modification_changes_adds_and_removes_keys_of_one_endpoint(config):
    proposed = changed(config, tags="eu, web", timeout="2s", id="", expect__rows="1", warn__latency="1s")
    after = proposed.change.after.decode()
    assert (
        after
        == (
            FILE.replace('id = "the-db"\n', "")
            .replace('tags = ["eu"]\n', 'tags = ["eu", "web"]\ntimeout = "2s"\n')
            .replace("{ gt = 0 }", "1")
        )
        + '\n[endpoints.warn]\nlatency = "1s"\n'
    )
    (one,) = proposed.alone(config).endpoints
    assert (one.name, one.tags, one.timeout) == ("db", ("eu", "web"), 2.0)


def test_a_url_that_is_a_reference_leaves_the_kind_known(write: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP", "https://shop.test")
    config = load(write('[[endpoints]]\nname = "shop"\nurl = "${SHOP}"\nbody = "1"\n'))
    assert written_texts(config, config.endpoints[0]) == {"name": "shop", "url": "${SHOP}", "body": "1"}
    assert b'body = "2"' in changed(config, body="2").change.after
    copied = like(config, config.endpoints[0]) | {"name": "copy"}
    assert proposal(config, config.file, copied).change.after.count(b'body = "1"') == 2


def test_an_emptied_table_is_removed_with_its_header(config):
    assert changed(config, expect__rows="").change.after.decode() == FILE.partition("[endpoints.expect]")[0]


def test_a_modification_to_another_kind_of_check_is_read_by_its_keys(config):
    proposed = changed(config, url="https://db.test", expect__rows="", body="1")
    assert 'body = "1"' in proposed.change.after.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"interval": "soon"}, {"interval": "'soon' is not a duration"}),
        ({"url": ""}, {"url": "lacks url"}),
        ({"expect__rows": '{ gt = "a" }', "timeout": "0"}, {"timeout": "must be more than 0"}),
        ({"method": "GET"}, {"method": "is a key of http checks, not of postgres ones"}),
    ],
)
def test_what_a_modification_makes_wrong_is_told_at_its_key(config, typed, told):
    proposed = changed(config, **typed)
    with pytest.raises(ConfigError) as caught:
        proposed.alone(config)
    found = proposed.by_key(caught.value.problems)
    assert all(text in found[key] for key, text in told.items())


def test_a_password_that_was_not_shown_stays_unless_the_text_is_changed(write: Write, config):
    config = load(write('[[endpoints]]\nurl = "redis://u:hunter2@db:1"\n'))
    assert written_texts(config, config.endpoints[0]) == {"url": f"redis://u:{MASK}@db:1"}
    assert b"redis://u:hunter2@db:1" in changed(config, timeout="1s").change.after
    with pytest.raises(FieldError, match="was not shown"):
        changed(config, url=f"redis://u:{MASK}@db:2")


def test_what_stands_elsewhere_than_in_tables_is_left_to_an_editor(write: Write):
    config = load(write('endpoints = [{ url = "tcp://a:1" }]\n'))
    with pytest.raises(EditError, match="by hand"):
        like(config, config.endpoints[0])
    with pytest.raises(EditError, match="by hand"):
        proposal(config, config.file, {"url": "tcp://b:1"})
