"""Shared by the checks that begin as HTTP: their URL and the headers of their request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from monitor import __version__
from monitor.errors import FieldError
from monitor.fields import key
from monitor.probes._network import TlsProbe
from monitor.redact import shown, without_any_password
from monitor.wire import urls
from monitor.wire.messages import Headers, Request, overlaid
from monitor.wire.proxy import basic

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Characters of methods and header names (RFC 9110, 5.6.2)."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise one FieldError with all headers that cannot be sent."""
    errors, seen = [], set[str]()
    for name, value in headers.items():
        try:
            if name.lower() in seen:
                raise FieldError(
                    f"headers.{name}", "is there twice: the case of a header's name does not matter"
                )
            _check_header(name, value)
        except FieldError as error:
            errors.append(error)
        seen.add(name.lower())
    if errors:
        raise FieldError(errors[0].key, errors[0].text, errors[1:])


def _check_header(name: str, value: str) -> None:
    where = f"headers.{name}"
    if not TOKEN.fullmatch(name):
        raise FieldError(where, "is no header's name; write letters, digits and dashes")
    if _FORBIDDEN.search(value):
        raise FieldError(where, "may hold no line breaks or control characters")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise FieldError(where, "holds characters that no header can carry (only Latin-1 ones)") from None


@dataclass(frozen=True, kw_only=True)
class WebProbe(TlsProbe):
    """A check whose URL is an HTTP URL with other schemes; the secure one ends in ``s``."""

    plain_scheme: ClassVar[str]
    url_options: ClassVar[tuple[str, ...] | None] = None

    headers: Mapping[str, str] | None = key("Headers to send.", default=None, example={"X-Team": "shop"})

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.request

    @property
    def secure_scheme(self) -> bool:
        """Whether the connection uses TLS from the start."""
        return self.web_url.scheme == "https"

    @cached_property
    def web_url(self) -> urls.Url:
        """The URL with HTTP's scheme."""
        scheme, colon, rest = self.url.partition(":")
        web = "http" if scheme.lower() == self.plain_scheme else "https"
        try:
            return urls.parse(f"{web}{colon}{rest}")
        except ValueError as error:
            raise FieldError(
                "url", f"{without_any_password(shown(self.url))!r} cannot be asked: {error}"
            ) from None

    @cached_property
    def port(self) -> int:
        return self.web_url.port

    @cached_property
    def request(self) -> Request:
        """The request to send."""
        check_headers(self.headers or {})
        return self.make_request()

    def make_request(self) -> Request:
        """The request of this kind of check."""
        raise NotImplementedError

    def own_headers(self) -> Headers:
        """The user's headers, credentials of the URL included."""
        ours = [("User-Agent", f"monitor/{__version__}")]
        if self.credentials is not None:
            ours.append(("Authorization", basic(*self.credentials)))
        return overlaid(tuple(ours), tuple((self.headers or {}).items()))
