"""Services as Apprise URLs."""

from __future__ import annotations

import pytest

from monitor.importers._secrets import Secrets
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
