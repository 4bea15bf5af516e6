"""The kinds of services behind URLs."""

import apprise
import pytest

from monitor.alerts import services
from monitor.alerts.services import BRIEF, LONG, SHORT, listed_endpoints, service_name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://hooks.example.com/x", "webhook"),
        ("http://hooks.example.com/x", "webhook"),
        ("exec:/usr/bin/page", "command"),
        ("mailtos://ann:secret@example.com", "mail"),
        ("MAILTO://example.com", "mail"),
        ("slack://a/b/c", "slack"),
    ],
)
def test_a_url_names_its_service_and_nothing_else(url: str, name: str):
    assert service_name(url) == name


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        ("https://hooks.example.com/x", LONG),
        ("exec:true", LONG),
        ("mailtos://ann@example.com", LONG),
        ("sendgrid://key/ann@example.com", LONG),
        ("slack://a/b/c", SHORT),
        ("mmosts://host/token", SHORT),
        ("ntfy://topic", SHORT),
        ("pagerduty://key", BRIEF),
        ("goalerts://host/token", BRIEF),
        ("twilio://sid:token@from/to", BRIEF),
    ],
)
def test_a_text_is_as_long_as_its_service_is_meant_for(url: str, listed: int):
    assert listed_endpoints(url) == listed


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_service_is_one_that_apprise_knows():
    known = {scheme for one in apprise.Apprise().details()["schemas"] for scheme in _schemes(one)}
    assert known >= services._MAIL | services._PAGERS | services._SMS


def _schemes(schema: dict) -> set[str]:
    return {*(schema["protocols"] or ()), *(schema["secure_protocols"] or ())}
