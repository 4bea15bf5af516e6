"""Secrets of another tool's config: taken out, and named as ``${NAME}`` instead.

While a config is converted, a placeholder stands in texts as its name between two private-use
characters, so that texts can be cut and joined; :mod:`monitor.importers._toml` writes it as ``${NAME}``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

BEGIN, END = "\ue000", "\ue001"
"""The markers around a placeholder's name; no text that was read contains them."""
_LONGEST_NAME = 60
_SHORTEST = 4
"""Characters that a secret has to have to be looked for in comments: shorter ones would garble them."""

_WORDS = (
    "pass(word|wd|phrase)?|pwd|secret|token|apikey|auth|authorization|authentication|credentials?|signature|sig"
    "|(api|access|private|integration|routing|webhook|account)?[-_. ]?key|session(id)?|cookie|jwt|bearer"
)
_ENDINGS = "pass(word|wd|phrase)?|secret|token|(api|access|private|integration)key|credentials?"
_SECRET_NAME = re.compile(rf"(?:(?:^|[-_.\s])(?:{_WORDS})|{_ENDINGS})$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PASSWORD = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://[^/?#\s:@]*:)([^/?#\s]+)(@)")
_LONE_USER = re.compile(r"^(https?://)([^/?#\s:@]{16,})(@)")
_QUERY = re.compile(r"([?&;]([^=&#\s]+)=)([^&#\s]+)")
_FORM = re.compile(r"((?:^|&)([^=&\s{\"]+)=)([^&\s]+)", re.MULTILINE)
_QUOTED = re.compile(r"(\"([^\"\\]{1,80})\"\s*:\s*\")((?:[^\"\\]|\\.)+)")
RANDOM = re.compile(r"(?<![\w-])(?=[\w-]*[0-9])(?=[\w-]*[A-Za-z])[\w-]{16,}")
"""A word that nobody chose, such as a token in the path of a webhook."""
_SCHEME = re.compile(r"(?:basic|bearer|token|digest|apikey)\s+", re.IGNORECASE)
_SENT_WITH = {"cookie", "set-cookie", "proxy-authorization", "authorization"}


def placeholder(name: str) -> str:
    """The placeholder for ``${name}``."""
    return f"{BEGIN}{name}{END}"


def is_secret_name(name: str) -> bool:
    """Whether a setting, header or parameter of that name usually holds a secret."""
    return _SECRET_NAME.search(_CAMEL.sub("-", name)) is not None or name.lower() in _SENT_WITH


def variable_name(*words: str) -> str:
    """``SHOP_API_TOKEN`` of ``Shop API`` and ``token``."""
    name = re.sub(r"[^A-Z0-9]+", "_", " ".join(words).upper()).strip("_")[:_LONGEST_NAME].strip("_")
    return name if name and not name[0].isdigit() else f"X_{name}".rstrip("_")


class Secrets:
    """The secrets of one import, and the names that stand for them."""

    def __init__(self) -> None:
        self.needed: dict[str, str] = {}
        """Name -> where its value was found, in order of appearance."""
        self._names: dict[str, str] = {}
        """Value -> name."""

    def hide(self, value: str, where: str, *words: str) -> str:
        """The placeholder for ``value``: the same one for the same value."""
        if not value or BEGIN in value:
            return value
        if value not in self._names:
            self._names[value] = self._unused(variable_name(*words))
            self.needed[self._names[value]] = where
        return placeholder(self._names[value])

    def variable(self, name: str) -> str:
        """The placeholder for a variable that the other tool's config named already."""
        self.needed.setdefault(name, "as before")
        return placeholder(name)

    def _unused(self, name: str) -> str:
        made, number = name, 1
        while made in self.needed:
            number += 1
            made = f"{name}_{number}"
        return made

    # ── in texts ────────────────────────────────────────────────────────────────────────────────

    def in_header(self, name: str, value: str, owner: str) -> str:
        """The value of a header without its secret; the authentication scheme stays."""
        if not is_secret_name(name):
            return value
        scheme = _SCHEME.match(value)
        shown = scheme[0] if scheme else ""
        return shown + self.hide(value[len(shown) :], f'header {name} of "{owner}"', owner, name)

    def in_url(self, url: str, owner: str) -> str:
        """A URL without its password and without the values of parameters such as ``token``."""
        where = f'URL of "{owner}"'

        def password(found: re.Match[str]) -> str:
            return (
                found[1]
                + self.hide(unquote(found[2]), f"password in the {where}", owner, "password")
                + found[3]
            )

        def user(found: re.Match[str]) -> str:
            return found[1] + self.hide(unquote(found[2]), f"user in the {where}", owner, "user") + found[3]

        without = _LONE_USER.sub(user, _PASSWORD.sub(password, url))
        return self._in_pairs(_QUERY, without, where, owner)

    def in_path(self, url: str, owner: str) -> str:
        """A URL without the random words in its path: whoever knows a webhook's may send to it."""
        scheme, slashes, rest = url.partition("://")
        host, slash, path = rest.partition("/")

        def word(found: re.Match[str]) -> str:
            return self.hide(found[0], f'path of the URL of "{owner}"', owner, "path")

        return f"{scheme}{slashes}{host}{slash}{RANDOM.sub(word, path)}"

    def in_body(self, text: str, owner: str) -> str:
        """A request body, JSON or a form, without passwords and tokens."""
        where = f'body sent to "{owner}"'
        return self._in_pairs(_FORM, self._in_pairs(_QUOTED, text, where, owner), where, owner)

    def _in_pairs(self, pattern: re.Pattern[str], text: str, where: str, owner: str) -> str:
        def pair(found: re.Match[str]) -> str:
            if not is_secret_name(found[2]):
                return found[0]
            return found[1] + self.hide(found[3], f"{found[2]} in the {where}", owner, found[2])

        return pattern.sub(pair, text)

    def redact(self, text: str) -> str:
        """Text for people: without any of the values, and with placeholders as they are written."""
        for value, name in self._names.items():
            if len(value) >= _SHORTEST:
                text = text.replace(value, placeholder(name))
        return text.replace(BEGIN, "${").replace(END, "}")
