"""What a dashboard and its engine say to each other about changing the config.

The engine writes the file: it has the environment that ``${…}`` is filled in from, it knows every
kind of check, and texts with secrets in them stay where they are. What is typed goes to it as text,
by key (``expect.status``); nothing that comes back was ever filled in.

These take as long as a check or the judging of a whole config, so a dashboard asks on a connection
of its own, and its pulls go on meanwhile.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from monitor.fields import Asked
from monitor.model import Result

Texts = dict[str, str]
"""What was typed, or is wrong with it, by the key of the field; an empty key is the whole."""


class GetForm(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Which keys an endpoint may have. Answer: :class:`Form`."""

    url: str = ""
    """Its scheme picks the kind of check."""
    group: str = ""
    """Whose keys it has as defaults."""
    file: str = ""
    """The file that it is for, as in :class:`Form`."""
    like: int | None = None
    """The handle of an endpoint whose texts are to come with the form."""


class Judge(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Say what is wrong with an endpoint. Answer: :class:`Judged`."""

    texts: Texts
    file: str = ""
    """The file that it is for, as in :class:`Form`."""


class Try(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Check an endpoint once, without writing it anywhere. Answer: :class:`Judged`."""

    texts: Texts
    file: str = ""


class Add(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Write an endpoint into the config. Answer: :class:`Edited`."""

    texts: Texts
    file: str = ""


class Remove(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Take endpoints out of the config. Answer: :class:`Edited`."""

    handles: tuple[int, ...]


class Enable(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Have endpoints checked, or not, as far as the config says. Answer: :class:`Edited`."""

    handles: tuple[int, ...]
    on: bool


class Undo(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Take an edit back, by the number in :class:`Edited`. Answer: :class:`Edited`."""

    edit: int


Edit = Add | Remove | Enable | Undo
Request = GetForm | Judge | Try | Edit


class Form(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What there is to fill in for one kind of check."""

    kind: str
    """Empty while the URL names none."""
    file: str
    """Where the endpoint would be written."""
    fields: tuple[Asked, ...]
    texts: Texts = {}
    """Of the endpoint that this one is to be like."""


class Judged(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What is wrong with what was typed; when nothing is, and it was asked for, a check's result."""

    problems: Texts = {}
    result: Result | None = None


class Edited(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The file was changed and is in force, or everything is as it was."""

    ok: bool
    text: str
    """What was done, or why not."""
    problems: Texts = {}
    """What is wrong with what was typed."""
    edit: int = 0
    """The number to take it back by; 0 when there is nothing to take back."""


Answer = Form | Judged | Edited
Wanted = TypeVar("Wanted", Form, Judged, Edited)
"""The one of these that answers a request."""
