"""``${NAME}``, ``${NAME:-default}`` and ``${file:PATH}`` inside any string; ``$$`` is a dollar sign."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from monitor.config.editing.positions import Path
from monitor.config.paths import user_path
from monitor.redact import MASK, Piece, Secretive

_PART = re.compile(r"\$\$|\$\{([^}]*)\}|\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST_SECRET = 1 << 20

Complain = Callable[[Path, str], None]


class Unresolved:
    """Placeholder for a string whose ``${…}`` could not be filled in; there is a complaint already."""


@dataclass
class Interpolation:
    """Fills in the ``${…}`` of documents, and remembers the secrets."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    secrets: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)

    def fill(self, value: Any, folder: File, complain: Complain, path: Path = ()) -> Any:
        """``value`` with every string in it filled in; relative files are looked for in ``folder``.

        Strings that held a ``${…}`` become :class:`Secretive`, or :class:`Unresolved`.
        """
        if isinstance(value, str):
            return self._string(value, folder, complain, path) if "$" in value else value
        if isinstance(value, dict):
            return {key: self.fill(item, folder, complain, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, folder, complain, (*path, at)) for at, item in enumerate(value)]
        return value

    def _string(self, text: str, folder: File, complain: Complain, path: Path) -> Any:
        try:
            pieces = [piece for piece in self._pieces(text, folder) if piece.text]
        except _UnfilledError as error:
            complain(path, str(error))
            return Unresolved()
        whole = "".join(piece.text for piece in pieces)
        if not any(piece.is_secret for piece in pieces):
            return whole
        return Secretive(whole, "".join(MASK if secret else text for text, secret in pieces), pieces)

    def _pieces(self, text: str, folder: File) -> Iterator[Piece]:
        """The written text, and the value of each ``${…}``, in order."""
        at = 0
        for found in _PART.finditer(text):
            yield Piece(text[at : found.start()], is_secret=False)
            at = found.end()
            if found[0] == "$$":
                yield Piece("$", is_secret=False)
            elif found[1] is None:
                raise _UnfilledError('has a "${" without its "}"; write "$$" for a dollar sign')
            else:
                yield Piece(self._look_up(found[1], folder), is_secret=True)
        yield Piece(text[at:], is_secret=False)

    def _look_up(self, inside: str, folder: File) -> str:
        if inside.startswith("file:"):
            return self._remember(self._read(inside.removeprefix("file:"), folder))
        name, has_default, default = inside.partition(":-")
        if "${" in inside:
            raise _UnfilledError('has a "${" within another; a default is plain text')
        if not _NAME.fullmatch(name):
            raise _UnfilledError(
                f'"${{{inside}}}" is none of ${{NAME}}, ${{NAME:-default}} and ${{file:PATH}}; '
                'write "$$" for a dollar sign'
            )
        value = self.environ.get(name)
        if value:
            return self._remember(_utf8(value, name))
        if has_default:
            return default
        if value is None:
            raise _UnfilledError(
                f"the environment variable {name} is not set; set it, or write ${{{name}:-default}}"
            )
        return value

    def _remember(self, secret: str) -> str:
        self.secrets.add(secret)
        return secret

    def _read(self, name: str, folder: File) -> str:
        try:
            file = user_path(name, folder)
        except ValueError as error:
            raise _UnfilledError(f"names a file that {error}") from None
        self.files.append(str(file))
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_LARGEST_SECRET + 1)
        except OSError as error:
            raise _UnfilledError(f"{file} cannot be read: {(error.strerror or '').lower()}") from None
        except UnicodeDecodeError:
            raise _UnfilledError(f"{file} is not UTF-8 text") from None
        if len(text) > _LARGEST_SECRET:
            raise _UnfilledError(f"{file} is larger than {_LARGEST_SECRET >> 20} MiB")
        return text.rstrip("\r\n")


def _utf8(value: str, name: str) -> str:
    """``value``, unless it holds bytes that are not UTF-8: nothing could send them as they are."""
    if any("\ud800" <= sign <= "\udfff" for sign in value):
        raise _UnfilledError(f"the environment variable {name} is not UTF-8 text")
    return value


class _UnfilledError(Exception):
    """Says why a ``${…}`` cannot be filled in."""
