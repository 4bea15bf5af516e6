"""Describe dataclass fields as TOML keys.

A probe's fields are its TOML keys. The annotation gives the allowed values, ``key(...)`` gives the
help text; ``config`` converts and checks by them, and ``monitor schema`` and the README's
reference are made from them. Annotations in use:

==========================  ==========================================================
``str`` ``int`` ``float``   as in TOML (an ``int`` is accepted for a ``float``)
``bool``                    ``true`` / ``false``
``Seconds``                 a duration: ``"250ms"``, ``"1h30m"``, or a number of seconds
``Size``                    bytes: ``"1MiB"``, ``"64kB"``, or a number
``Url``                     a URL: the value of ``${…}`` in its user or password is taken literally
``FilePath``                a path, relative to the config file it is written in
``Literal[...]``            one of these
``tuple[T, ...]``           an array of T; for ``tuple[str, ...]`` one string will do too
``Mapping[str, T]``         a table
a frozen dataclass          a table with these keys
``QuorumKey``               ``"any"``, ``"majority"``, ``"all"``, or a number
``Json``                    anything TOML can hold
``T | None``                as T; None is "not set" and has no TOML form
==========================  ==========================================================
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from typing import Annotated, Any

from monitor.model import Quorum

Seconds = Annotated[float, "duration"]
Size = Annotated[int, "size"]
Url = Annotated[str, "url"]
FilePath = Annotated[str, "path"]
QuorumKey = Annotated[Quorum, "quorum"]
Json = Annotated[Any, "json"]


def key(help: str, *, default: Any = MISSING, example: Any = None) -> Any:
    """A dataclass field that users write as a TOML key.

    ``help`` is one line, in the voice of the reference: the key's effect and its default where
    that is not plain. ``example`` is a value worth showing in documentation.
    """
    metadata = {"help": help, "example": example}
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A TOML key as a field of a form; every value is the text that a user would type."""

    key: str
    """Dotted in ``expect`` and ``warn``, as in ``expect.status``."""
    help: str
    part: str = ""
    """The owner of the key: a kind of check, ``expect`` or ``warn``; empty for keys of every endpoint."""
    default: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
