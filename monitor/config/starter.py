"""The starter config of `monitor init`: short, and valid as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_INTRODUCTION = """\
# What monitor watches. Try it:   monitor check        every endpoint once
#                                 monitor              the live dashboard
# After a change:                 monitor validate     (a running dashboard takes it over by itself)
# Durations are "250ms", "30s", "5m", "1h30m", "14d". Secrets come from outside: "${NAME}" is an
# environment variable, "${file:PATH}" a file; neither is ever shown.
"""

_ENDPOINT = "[[endpoints]]"
_SECTIONS: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    (
        "Defaults of every endpoint.",
        "[defaults]",
        {"interval": "30s", "timeout": "10s", "down_after": 3, "up_after": 2},
    ),
    (
        "A web page: it answers 2xx in time, and the certificate is good for three more weeks.",
        _ENDPOINT,
        {
            "name": "Website",
            "url": "https://example.com/",
            "group": "web",
            "expect": {"latency": "5s", "body": {"contains": "Example Domain"}},
            "warn": {"latency": "1s", "certificate": "21d"},
        },
    ),
    (
        "A name: it resolves.",
        _ENDPOINT,
        {"name": "Our name", "url": "dns://example.com?type=A", "group": "network"},
    ),
    (
        "A port: something accepts connections there.",
        _ENDPOINT,
        {"name": "Web port", "url": "tcp://example.com:443", "group": "network"},
    ),
    (
        "A host: it answers pings.",
        _ENDPOINT,
        {"name": "Resolver", "url": "icmp://1.1.1.1", "group": "network"},
    ),
)


def starter() -> str:
    """The text of a starter config."""
    return "\n".join((_INTRODUCTION, *(_section(*section) for section in _SECTIONS)))


def _section(comment: str, header: str, table: Mapping[str, Any]) -> str:
    import tomli_w

    name = header.strip("[]")
    written = tomli_w.dumps({name: table})
    return f"# {comment}\n{written.replace(f'[{name}]', header, 1)}"
