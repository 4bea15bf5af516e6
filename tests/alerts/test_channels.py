"""Which channel takes which URL."""

import pytest

from monitor.alerts import chat, command, mail, webhook
from monitor.alerts.channels import channel


@pytest.mark.parametrize(
    ("url", "module"),
    [
        ("http://a/", webhook),
        ("HTTPS://a/", webhook),
        ("exec:true", command),
        ("slack://token", chat),
        ("mailto://a@b.test", mail),
        ("mailtos://a@b.test", mail),
    ],
)
def test_the_scheme_picks_the_channel(url, module):
    assert channel(url) is module
