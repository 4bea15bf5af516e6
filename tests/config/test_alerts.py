"""The [[alerts]] tables."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import alerts, load
from monitor.model import Alert, Config, Hours, Limit

Loaded = Callable[[str], Config]
Problems = Callable[[str], list[str]]


def test_an_alert_needs_a_url_alone(loaded: Loaded) -> None:
    (alert,) = loaded('[[alerts]]\nurl = "https://hooks.example/x"').alerts
    assert alert == Alert(name="alert 1", url="https://hooks.example/x")
    assert alert.on == {"down", "up", "flapping", "certificate"}
    assert (alert.after, alert.remind, alert.digest) == (0.0, None, 10.0)


def test_a_secret_in_a_command_stays_one_argument(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER_KEY", "a b'c")
    (alert,) = loaded('[[alerts]]\nurl = "exec:page --key ${PAGER_KEY} now"').alerts
    assert shlex.split(alert.url) == ["exec:page", "--key", "a b'c", "now"]


def test_a_secret_in_an_alerts_name_is_masked(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "zebra-77")
    text = """
    [[alerts]]
    name = "On call ${TEAM}"
    url = "https://hooks.example/x"
    [[alerts]]
    url = "https://hooks.example/y"
    fallback = "On call ${TEAM}"
    """
    first, second = loaded(text).alerts
    assert (first.name, second.fallback) == ("On call •••", "On call •••")


def test_everything_about_an_alert_is_read(loaded: Loaded) -> None:
    text = """
    [[alerts]]
    name = "On call"
    url = "https://hooks.example/x"
    secret = "s3cret"
    select = ["group:shop"]
    on = ["down", "degraded", "slower"]
    after = "15m"
    remind = "1h"
    digest = "30s"
    hours = "mon 08:00-18:00"
    timezone = "Europe/Berlin"
    limit = "20/h"
    fallback = "Mail"
    title = "{state}: {name}"
    body = "{message}"
    [[alerts]]
    name = "Mail"
    url = "mailto://user:pass@mail.example"
    """
    assert loaded(text).alerts[0] == Alert(
        name="On call",
        url="https://hooks.example/x",
        secret="s3cret",
        select=("group:shop",),
        on=frozenset({"down", "degraded", "slower"}),
        after=900.0,
        remind=3600.0,
        digest=30.0,
        hours=(Hours(0, 480, 1080),),
        timezone="Europe/Berlin",
        limit=Limit(20, 3600.0),
        fallback="Mail",
        title="{state}: {name}",
        body="{message}",
    )


def test_where_messages_go_is_never_shown(loaded: Loaded) -> None:
    text = '[[alerts]]\nurl = "https://hunter1@hooks.example/x"\nsecret = "hunter2"'
    assert "hunter" not in repr(loaded(text))


def test_alerts_of_included_files_are_counted_on(write: Callable[..., Path]) -> None:
    write('[[alerts]]\nurl = "exec:b"', "more.toml")
    file = write('include = ["more.toml"]\n[[alerts]]\nurl = "exec:a"\nfallback = "alert 2"')
    assert [(one.name, one.url) for one in load(file).alerts] == [
        ("alert 1", "exec:a"),
        ("alert 2", "exec:b"),
    ]


@pytest.mark.parametrize("limit", ["20/h", "5/10m", "1/1.5s", " 3 / d"])
def test_a_limit_is_read(loaded: Loaded, limit: str) -> None:
    expected = {
        "20/h": Limit(20, 3600),
        "5/10m": Limit(5, 600),
        "1/1.5s": Limit(1, 1.5),
        " 3 / d": Limit(3, 86400),
    }
    assert loaded(f'[[alerts]]\nurl = "exec:x"\nlimit = "{limit}"').alerts[0].limit == expected[limit]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('onn = ["down"]\nurl = "exec:x"', '2: alerts[0].onn: is no key here; did you mean "on"?'),
        ('name = "x"', "1: alerts[0]: lacks url"),
        ('url = "hooks.example"', "2: alerts[0].url: must be an Apprise URL, https://… or"),
        ('url = "https:///x"', "2: alerts[0].url: is no URL of a webhook"),
        ('url = "https://h:99999/x"', "2: alerts[0].url: is no URL of a webhook"),
        ('url = "exec:"', "2: alerts[0].url: names no command"),
        ('url = "exec:a \'b"', "2: alerts[0].url: is no command line: no closing quotation"),
        ('url = "exec:x"\nsecret = "y"', "3: alerts[0].secret: signs webhooks only"),
        ('url = "exec:x"\non = ["dwn"]', '3: alerts[0].on[0]: is the string "dwn"; it must be one of'),
        ('url = "exec:x"\non = []', "3: alerts[0].on: names nothing to send messages about"),
        ('url = "exec:x"\nhours = "9 to 5"', "3: alerts[0].hours: '9 to 5' are no hours"),
        ('url = "exec:x"\ntimezone = "CEST"', "3: alerts[0].timezone: 'CEST' is no time zone"),
        ('url = "exec:x"\nlimit = "many"', "3: alerts[0].limit: 'many' is no limit; write one such as"),
        ('url = "https://h"\nsecret = ""', "3: alerts[0].secret: is empty, so that it would sign nothing"),
        ('url = "exec:x"\nlimit = "5/0m"', "3: alerts[0].limit: '5/0m' is no limit"),
        ('url = "exec:x"\nlimit = "0/h"', "3: alerts[0].limit: '0/h' is no limit"),
        ('url = "exec:x"\nremind = 0', "3: alerts[0].remind: must be 1s or more"),
        ('url = "exec:x"\ntitle = "{nme}"', "3: alerts[0].title: has {nme}; the fields are alert"),
        ('url = "exec:x"\nbody = "{"', "3: alerts[0].body: is no template"),
        ('url = "exec:x"\nselect = ["grup:x"]', "3: alerts[0].select[0]: 'grup:x'"),
        (
            'url = "exec:x"\nfallback = "Mial"\n[[alerts]]\nname = "Mail"\nurl = "exec:y"',
            "3: alerts[0].fallback: 'Mial' is no alert's name; did you mean 'Mail'?",
        ),
        ('url = "exec:x"\nfallback = "alert 1"', "3: alerts[0].fallback: leads back to this alert"),
        (
            'url = "exec:x"\nname = "a"\n[[alerts]]\nurl = "exec:y"\nname = "a"',
            "3: alerts[0].name: 'a' is the name of another",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_line(problems: Problems, text: str, said: str) -> None:
    assert problems(f"[[alerts]]\n{text}")[0].startswith(said)


def test_a_url_that_is_wrong_is_not_quoted(problems: Problems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "hunter2")
    assert not any("hunter2" in one for one in problems('[[alerts]]\nurl = "${HOOK}"\nlimit = "${HOOK}"'))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "find_spec", lambda _: None)
    assert alerts.url_complaint("slack://a/b/c").startswith(
        "needs the extra 'alerts': pip install 'monitor[alerts]'"
    )
    assert not alerts.url_complaint("https://hooks.example/x")
