"""``${NAME}``, ``${NAME:-default}`` and ``${file:PATH}`` inside any string; ``$$`` is a dollar sign."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from monitor.config.editing.positions import Path
from monitor.redact import MASK, Secretive

_PART = re.compile(r"\$\$|\$\{([^}]*)\}|\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST_SECRET = 1 << 20

Complain = Callable[[Path, str], None]


class Unresolved:
    """Stands for a string whose ``${…}`` could not be filled in; that was complained of already."""


@dataclass
class Interpolation:
    """Fills in the ``${…}`` of documents, and remembers what it brought in."""

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
        real, shown = [], []
        try:
            for literal, brought in self._parts(text, folder):
                real.append(literal or brought)
                shown.append(literal or (brought and MASK))
        except _UnfilledError as error:
            complain(path, str(error))
            return Unresolved()
        whole = "".join(real)
        return whole if MASK not in shown else Secretive(whole, "".join(shown))

    def _parts(self, text: str, folder: File) -> Iterator[tuple[str, str]]:
        """Pairs of which one is empty: literal text, and what a ``${…}`` brought in."""
        at = 0
        for found in _PART.finditer(text):
            yield text[at : found.start()], ""
            at = found.end()
            if found[0] == "$$":
                yield "$", ""
            elif found[1] is None:
                raise _UnfilledError('has a "${" without its "}"; write "$$" for a dollar sign')
            else:
                yield "", self._look_up(found[1], folder)
        yield text[at:], ""

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
            return self._remember(value)
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
        file = folder / File(name).expanduser()
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


class _UnfilledError(Exception):
    """A ``${…}`` that cannot be filled in, and why."""
