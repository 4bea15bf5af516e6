"""Adds or changes an endpoint: from the user's input to the change of a file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.config.common import EXPECTATIONS
from monitor.config.editing.change import Change, by_file, changed, in_force, text
from monitor.config.editing.edit import added, count, indexes_at
from monitor.config.editing.form import asked, kind_of, table, texts
from monitor.config.editing.keys import with_keys
from monitor.config.layers import overlaid
from monitor.config.load import load
from monitor.errors import FieldError
from monitor.fields import Asked
from monitor.model import Config, Endpoint, Problem
from monitor.redact import MASK, without_password

_REFERENCE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a file that adds or changes an endpoint, and the endpoint's index there."""

    change: Change
    index: int

    def alone(self, config: Config) -> Config:
        """The config with this endpoint only. ConfigError when something is wrong with it."""
        unsaved = {self.change.file: self.change.after}
        return load(config.file, unsaved, only=(self.change.file, self.index))

    def by_key(self, problems: Iterable[Problem]) -> dict[str, str]:
        """Typed key -> its problems; the other problems, with their places, are at ``""``."""
        found: dict[str, list[str]] = {}
        for one in problems:
            key = self._key(one)
            found.setdefault(key or "", []).append(str(one) if key is None else one.text)
        return {key: "; ".join(texts) for key, texts in found.items()}

    def _key(self, problem: Problem) -> str | None:
        own, dot, below = problem.key.partition(".")
        if problem.file != self.change.file or own != f"endpoints[{self.index}]":
            return None
        if not dot:
            return "url"
        top, _, name = below.partition(".")
        return f"{top}.{_top(name)}" if top in EXPECTATIONS else _top(top)


def _top(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


def proposal(config: Config, file: str, typed: Mapping[str, str]) -> Proposal:
    """Append the typed endpoint to those of ``file``. FieldError for invalid input, EditError."""
    _refuse_masks(typed)
    made = table(typed)
    change = changed(config, file, lambda old: added(old, made))
    return Proposal(change, count(text(change.before)))


def modification(config: Config, endpoint: Endpoint, typed: Mapping[str, str]) -> Proposal:
    """Change the typed keys of ``endpoint``; an empty text removes its key. FieldError, EditError."""
    _refuse_masks(typed)
    file, index, old = _written(config, endpoint)
    new = table(typed, old, kind_of(typed.get("url", "")) or endpoint.probe.kind)
    values = {key: new.get(key) for key in (*old, *new)}
    return Proposal(changed(config, file, lambda text: with_keys(text, {index: values})), index)


def _refuse_masks(typed: Mapping[str, str]) -> None:
    for key, written in typed.items():
        if MASK in written:
            raise FieldError(
                key, f"holds {MASK} where a password was not shown: write it, or better ${{NAME}}"
            )


def questions(config: Config, file: str, kind: str, group: str = "") -> list[Asked]:
    """The form's fields for an endpoint of this kind in ``file``, and in this group."""
    return asked(kind, inherited(config, file, group))


def inherited(config: Config, file: str, group: str = "") -> dict[str, Any]:
    """The keys that an endpoint in ``file`` and in ``group`` inherits."""
    applying = [_table(in_force(config, one)) for one in dict.fromkeys((config.file, file))]
    shared = overlaid(table.get("defaults", {}) for table in applying)
    named = group or shared.get("group", "")
    return overlaid((shared, _of_group(config, named) if named else {}))


def _of_group(config: Config, group: str) -> dict[str, Any]:
    """The table of a group, in whichever file it stands; empty if it does not exist."""
    tables = (_table(in_force(config, file)).get("groups", {}) for file in config.digests)
    found: dict[str, Any] = next((groups[group] for groups in tables if group in groups), {})
    return found


def like(config: Config, endpoint: Endpoint) -> dict[str, str]:
    """The input that creates another endpoint like this one; ``${…}`` stays, passwords do not."""
    _, _, table = _written(config, endpoint)
    return {key: _without_secret(written) for key, written in texts(table).items() if key != "id"}


def written_texts(config: Config, endpoint: Endpoint) -> dict[str, str]:
    """The texts of an endpoint's keys by key, as in its file: with ``${…}``, without passwords."""
    _, _, table = _written(config, endpoint)
    return {key: _without_secret(written) for key, written in texts(table, endpoint.probe.kind).items()}


def _written(config: Config, endpoint: Endpoint) -> tuple[str, int, dict[str, Any]]:
    """The file of an endpoint, its index there, and its table as written."""
    ((file, lines),) = by_file([endpoint]).items()
    ((index, table),) = tables(config, file, lines).items()
    return file, index, table


def tables(config: Config, file: str, lines: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The endpoints that begin in these lines of ``file``, as written there, by their index in it."""
    data = in_force(config, file)
    written = _table(data)["endpoints"]
    return {index: written[index] for index in indexes_at(lines, text(data))}


def _without_secret(written: str) -> str:
    """``written`` with a password in a URL masked; a reference to one is none."""
    bare = _REFERENCE.sub("", written).replace(":@", "@")
    return written if without_password(bare) == bare else without_password(written)


def _table(data: bytes) -> dict[str, Any]:
    return tomllib.loads(text(data).replace("\r\n", "\n"))
