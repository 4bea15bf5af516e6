"""Messages for editing the config from a dashboard.

The engine writes the file. It has the environment that ``${…}`` is read from, and it knows every kind
of check. Dashboards send the typed text by key (``expect.status``); answers contain ``${NAME}``, never the
value, so secrets do not leave the engine.

A request may take as long as a check or a validation of the whole config. A dashboard therefore uses a
connection of its own for them, and keeps pulling changes on the other one.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from monitor.fields import Asked
from monitor.model import Hunk, Result

MOST_HUNKS = 200
"""Limit of the places whose lines are sent."""

Texts = dict[str, str]
"""Typed text, or an error message, by the field's key; an empty key stands for the whole endpoint."""


class GetForm(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Ask for the keys that an endpoint may have. Answer: :class:`Form`."""

    url: str = ""
    """Its scheme selects the kind of check."""
    group: str = ""
    """The group whose keys are the defaults."""
    file: str = ""
    """The config file to write to, as in :class:`Form`."""
    like: int | None = None
    """The handle of an endpoint to copy the texts from."""
    of: int | None = None
    """The handle of an endpoint to change. Without ``url``, its own URL selects the kind of check."""


class Judge(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Validate an endpoint. Answer: :class:`Judged`."""

    texts: Texts
    file: str = ""
    """The config file to write to, as in :class:`Form`."""
    of: int | None = None
    """The handle of the endpoint to change; ``texts`` are then those of :class:`Modify`."""


class Try(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Check an endpoint once without writing it to the config. Answer: :class:`Judged`."""

    texts: Texts
    file: str = ""
    of: int | None = None
    """As in :class:`Judge`."""


class Add(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Add an endpoint to the config. Answer: :class:`Edited`."""

    texts: Texts
    file: str = ""


class Modify(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Change keys of an endpoint in the config. Answer: :class:`Edited`."""

    handle: int
    texts: Texts
    """The new values of the changed keys; an empty text removes the key."""


class Remove(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Remove endpoints from the config. Answer: :class:`Edited`."""

    handles: tuple[int, ...]


class Enable(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Set ``enabled`` of endpoints in the config. Answer: :class:`Edited`."""

    handles: tuple[int, ...]
    on: bool


class GetBulkForm(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Ask for the keys that can be changed of several endpoints at once. Answer: :class:`Form`."""

    handles: tuple[int, ...]


class JudgeBulk(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Validate a :class:`BulkEdit` and get its difference. Answer: :class:`Judged`."""

    handles: tuple[int, ...]
    texts: Texts


class BulkEdit(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Change the same keys of several endpoints in the config. Answer: :class:`Edited`."""

    handles: tuple[int, ...]
    texts: Texts
    """The new values by key; an empty text removes the key."""


class Undo(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Undo an edit, by its number from :class:`Edited`. Answer: :class:`Edited`."""

    edit: int


Edit = Add | Modify | Remove | Enable | BulkEdit | Undo
Request = GetForm | GetBulkForm | Judge | JudgeBulk | Try | Edit


class Form(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The fields of one kind of check."""

    kind: str
    """The kind of check; empty while the URL selects none."""
    file: str
    """The config file that the endpoint would be written to."""
    fields: tuple[Asked, ...]
    texts: Texts = {}
    """The texts of the endpoint to copy or to change."""


class Judged(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The problems of an endpoint, by key; after a :class:`Try` without problems, the check's result."""

    problems: Texts = {}
    result: Result | None = None
    hunks: tuple[Hunk, ...] = ()
    """The lines of the config that would change, the first :data:`MOST_HUNKS`; empty after a :class:`Try`."""
    changed: tuple[int, int] = (0, 0)
    """How many lines would be added and removed."""


class Edited(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The outcome of an edit: the new config is in force, or nothing has changed."""

    ok: bool
    text: str
    """A sentence for the user: the change, or why nothing has."""
    problems: Texts = {}
    """Problems of the typed texts, by key."""
    edit: int = 0
    """The number for :class:`Undo`; 0 if there is nothing to undo."""


Answer = Form | Judged | Edited
Wanted = TypeVar("Wanted", Form, Judged, Edited)
"""The type of a request's answer."""
