"""The kinds of services behind URLs."""

import pytest

from monitor.alerts.services import service_name


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
