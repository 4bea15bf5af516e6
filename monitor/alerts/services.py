"""The kinds of services behind alerts' URLs."""

from __future__ import annotations

_OURS = {"http": "webhook", "https": "webhook", "exec": "command", "mailto": "mail", "mailtos": "mail"}


def service_name(url: str) -> str:
    """``webhook``, ``command``, ``mail``, or Apprise's name of the service, such as ``slack``."""
    scheme = url.partition(":")[0].lower()
    return _OURS.get(scheme, scheme)
