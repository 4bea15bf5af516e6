"""Services as Apprise URLs."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from monitor.importers._secrets import Secrets, placeholder
from monitor.importers._services import SERVICES

LACKING = {
    "slack": {"url": "https://example.com/"},
    "discord": {"url": ""},
    "telegram": {"token": "x"},
    "email": {"host": "a"},
    "gotify": {"server": "https://a"},
    "ntfy": {"server": "https://a"},
    "pushover": {"user": "x"},
    "matrix": {"token": "x"},
    "twilio": {"sid": "x"},
    "teams": {"url": "https://example.com/"},
    "googlechat": {"url": "https://example.com/"},
    "webhook": {"url": "ftp://a"},
}


@pytest.mark.parametrize(("service", "given"), LACKING.items())
def test_a_service_that_lacks_something_has_no_url(service: str, given: dict[str, str]):
    assert SERVICES[service](given, Secrets(), "n") == ""


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_no_url(service: str):
    assert SERVICES[service]({}, Secrets(), "n") == ""


WRITTEN = {
    "ntfy": ({"topic": "t"}, "ntfys://ntfy.sh/t"),
    "gotify": ({"server": "http://a:80/x", "token": "tttt"}, "gotify://a:80/x/${N_TOKEN}"),
    "mattermost": ({"url": "http://a:8065/hooks/kkkk"}, "mmost://a:8065/${N_WEBHOOK}"),
    "email": ({"host": "a", "to": "b@c", "plain": "true", "port": "25"}, "mailto://a:25?from=&to=b@c"),
    "webhook": ({"url": "https://a/?token=tttt"}, "https://a/?token=${N_TOKEN}"),
    "apprise": ({"url": "json://u:pppp@a"}, "${N_URL}"),
}


@pytest.mark.parametrize(("service", "case"), WRITTEN.items())
def test_a_url_is_written(service: str, case: tuple[dict[str, str], str]):
    secrets = Secrets()
    assert secrets.redact(SERVICES[service](case[0], secrets, "n")) == case[1]


@pytest.mark.parametrize(
    "word", ["8f14e45fceea167a5a36", "T1JJ3T3L2A1BRTD4JD_TIiajk", "550e8400-e29b-41d4-a716-446655440000"]
)
def test_a_random_word_in_the_path_of_a_webhook_is_a_secret(word: str):
    secrets = Secrets()
    url = SERVICES["webhook"]({"url": f"https://a.example/hooks/catch/{word}/x"}, secrets, "n")
    assert secrets.redact(url) == "https://a.example/hooks/catch/${N_PATH}/x"


URLS = {
    "slack": {"url": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"},
    "discord": {"url": "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"},
    "telegram": {"token": "123456789:abcdefg_hijklmnop", "chat": "12315544"},
    "email": {
        "host": "mail.example",
        "user": "a@b.example",
        "password": "pppp",
        "from": "a@b.example",
        "to": "c@d.example",
    },
    "pagerduty": {"key": "integrationkey"},
    "ntfy": {"server": "https://ntfy.example", "topic": "t", "token": "tk_abcdef", "priority": "4"},
    "gotify": {"server": "https://gotify.example/x", "token": "tokentoken"},
    "teams": {
        "url": "https://prod-1.azure.example:443/workflows/643e69f8/triggers/manual/paths/invoke?sv=1.0&sig=KODuebWbDG"
    },
    "googlechat": {"url": "https://chat.googleapis.com/v1/spaces/S/messages?key=keykey&token=tokentoken"},
    "mattermost": {"url": "https://chat.example/hooks/3ccdd113474722377935511fc85d3dd4"},
    "rocketchat": {"url": "https://rocket.example/hooks/aaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb"},
    "opsgenie": {"key": "keykey"},
    "pushover": {"user": "u" * 30, "token": "t" * 30},
    "matrix": {"server": "https://matrix.example", "token": "tokentoken", "room": "!a:matrix.example"},
    "twilio": {"sid": "AC" + "a" * 32, "token": "b" * 32, "from": "+15551234567", "to": "+16661234567"},
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("service", "given"), URLS.items(), ids=URLS)
def test_apprise_takes_the_url_once_its_secrets_are_filled_in(service: str, given: dict[str, str]):
    apprise = pytest.importorskip("apprise")
    secrets = Secrets()
    url = SERVICES[service](given, secrets, "n")
    for value, name in secrets._names.items():
        url = url.replace(
            placeholder(name),
            quote(value, safe="") if service == "rocketchat" else value.replace("?", "apikey"),
        )
    assert apprise.Apprise.instantiate(url), url


def test_every_service_is_held_against_apprise():
    assert SERVICES.keys() - URLS.keys() == {"webhook", "apprise"}
