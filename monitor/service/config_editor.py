"""Edits of the config from dashboards: forms, trial checks, changes and undo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.checks.check import RunProbe, check_endpoint
from monitor.config.editing import bulk
from monitor.config.editing.change import Change, enabled, outcome, verify, without, write
from monitor.config.editing.form import kind_of
from monitor.config.editing.hunks import hunks
from monitor.config.editing.proposal import (
    Proposal,
    like,
    modification,
    proposal,
    questions,
    written_texts,
)
from monitor.errors import ConfigError, EditError, FieldError
from monitor.judge.redaction import redacted
from monitor.link.edits import (
    MOST_HUNKS,
    Add,
    Answer,
    BulkEdit,
    Edit,
    Edited,
    Enable,
    Form,
    GetBulkForm,
    GetForm,
    Judge,
    JudgeBulk,
    Judged,
    Modify,
    Remove,
    Request,
    Try,
)
from monitor.link.messages import Refused

if TYPE_CHECKING:
    from monitor.engine import Engine
    from monitor.model import Config, Endpoint

LEVELS = 50
"""Number of edits that can be undone."""
_NAMED = 3
_NOTHING = "nothing changes: the endpoint has these values already"
_NO_FILE = "there is no config file to write to (monitor init writes one)"


@dataclass(frozen=True, slots=True)
class _Done:
    """A completed edit."""

    did: str
    changes: Sequence[Change]


class Editor:
    """Changes the config files of ``engine``; ``use`` puts the new version in force.

    It holds ``turn`` meanwhile, so that no reload happens in between.
    """

    def __init__(
        self,
        engine: Engine,
        use: Callable[[Config], Awaitable[object]],
        turn: asyncio.Lock,
        run_probe: RunProbe,
    ) -> None:
        self._engine = engine
        self._use = use
        self._turn = turn
        self._run_probe = run_probe
        self._done: dict[int, _Done] = {}
        self._edits = time.time_ns()  # so that the undo numbers of an earlier engine are not valid here

    @property
    def _config(self) -> Config:
        return self._engine.config

    async def answer(self, request: Request) -> Answer | Refused:
        """Apply a request, or refuse it with the reason."""
        if not self._config.file:
            return Refused(text=_NO_FILE)
        try:
            match request:
                case GetForm():
                    return await asyncio.to_thread(self._form, request)
                case GetBulkForm():
                    return await asyncio.to_thread(self._bulk_form, request)
                case Judge() | Try():
                    return await self._judged(request)
                case JudgeBulk():
                    return await asyncio.to_thread(self._judged_bulk, request)
        except EditError as error:
            return Refused(text=str(error))
        async with self._turn:
            return await self._edit(request)

    # ── forms ───────────────────────────────────────────────────────────────────────────────────

    def _form(self, request: GetForm) -> Form:
        file, url, texts = self._file(request.file), request.url, {"group": request.group}
        if request.of is not None:
            return self._form_of(request.of, request)
        if request.like is not None:
            (template,) = self._endpoints([request.like])
            texts = like(self._config, template)
            file, url = template.source.file if template.source else file, texts["url"]
        fields = questions(self._config, file, kind_of(url), texts.get("group", ""))
        filled = {} if request.like is None else texts
        return Form(kind=kind_of(url), file=file, fields=tuple(fields), texts=filled)

    def _form_of(self, handle: int, request: GetForm) -> Form:
        """The form that changes an endpoint, for the typed URL and group if there are any."""
        (endpoint,) = self._endpoints([handle])
        texts = written_texts(self._config, endpoint)
        kind = kind_of(request.url) if request.url else endpoint.probe.kind  # its URL may be a ${…}
        file = endpoint.source.file if endpoint.source else ""
        group = request.group if request.url else texts.get("group", "")
        made = {"name": endpoint.name, "id": endpoint.id}  # from the URL and the name, unless written
        fields = (
            replace(one, default=one.default if one.key in texts else made.get(one.key, one.default))
            for one in questions(self._config, file, kind, group)
        )
        return Form(kind=kind, file=file, fields=tuple(fields), texts=texts)

    def _bulk_form(self, request: GetBulkForm) -> Form:
        asked, texts = bulk.fields(self._config, self._endpoints(request.handles))
        return Form(kind="", file=self._config.file, fields=tuple(asked), texts=texts)

    def _endpoints(self, handles: Iterable[int]) -> list[Endpoint]:
        tracked = self._engine.endpoints
        found = [tracked[handle].endpoint for handle in handles if handle in tracked]
        if not found:
            raise EditError("this endpoint is no longer in the config")
        return found

    def _file(self, named: str) -> str:
        return named if named in self._config.digests else self._config.file

    async def _judged(self, request: Judge | Try) -> Judged:
        """Validate an endpoint; a trial without problems is checked once."""
        texts = request.texts
        if isinstance(request, Try):  # a trial check ignores duplicate names
            texts = {**texts, "name": f"trial {time.time_ns()}", "id": ""}
        try:
            proposed = await asyncio.to_thread(self._proposed, texts, request.file, request.of)
        except FieldError as error:
            return Judged(problems={error.key: error.text})
        try:
            alone = await asyncio.to_thread(proposed.alone, self._config)
        except ConfigError as error:
            return Judged(problems=proposed.by_key(error.problems))
        if isinstance(request, Judge):
            return await asyncio.to_thread(self._valid, [proposed.change])
        result = await check_endpoint(alone.endpoints[0], self._run_probe)
        return Judged(result=redacted(result, alone.redact))

    def _proposed(self, texts: Mapping[str, str], file: str, of: int | None) -> Proposal:
        """The typed endpoint written into its file, though not on disk; ``of``: the endpoint to change."""
        if of is None:
            return proposal(self._config, self._file(file), texts)
        (endpoint,) = self._endpoints([of])
        return modification(self._config, endpoint, texts)

    def _judged_bulk(self, request: JudgeBulk) -> Judged:
        try:
            changes = bulk.changes(self._config, self._endpoints(request.handles), request.texts)
            outcome(self._config, changes)
        except FieldError as error:
            return Judged(problems={error.key: error.text})
        except ConfigError as error:
            return Judged(problems=bulk.by_key(error.problems, request.texts))
        return self._valid(changes)

    def _valid(self, changes: Sequence[Change]) -> Judged:
        found = hunks(self._config, changes)
        added = sum(len(one.added) for one in found)
        return Judged(hunks=found[:MOST_HUNKS], changed=(added, sum(len(one.removed) for one in found)))

    # ── edits ───────────────────────────────────────────────────────────────────────────────────

    async def _edit(self, request: Edit) -> Edited:
        try:
            match request:
                case Add():
                    return await self._add(request)
                case Modify():
                    return await self._modify(request)
                case Remove() | Enable():
                    return await self._change(request)
                case BulkEdit():
                    return await self._bulk_edit(request)
            return await self._undo(request.edit)
        except EditError as error:
            return Edited(ok=False, text=str(error))
        except ConfigError as error:
            return Edited(ok=False, text=f"nothing was changed: {error.problems[0]}")

    async def _add(self, request: Add) -> Edited:
        return await self._propose(request.texts, request.file, None, _added)

    async def _modify(self, request: Modify) -> Edited:
        endpoints = self._endpoints([request.handle])
        if not request.texts:
            raise EditError(_NOTHING)
        did = _changed(request.texts, endpoints)
        return await self._propose(request.texts, "", request.handle, lambda *_: did)

    async def _propose(
        self,
        texts: Mapping[str, str],
        file: str,
        of: int | None,
        did: Callable[[Proposal, Config], str],
    ) -> Edited:
        """Write the typed endpoint to its file."""
        try:
            proposed = await asyncio.to_thread(self._proposed, texts, file, of)
        except FieldError as error:
            return _refused({error.key: error.text})
        if proposed.change.before == proposed.change.after:
            raise EditError(_NOTHING)
        try:
            return await self._make([proposed.change], lambda new: did(proposed, new))
        except ConfigError as error:
            return _refused(proposed.by_key(error.problems))

    async def _bulk_edit(self, request: BulkEdit) -> Edited:
        endpoints = self._endpoints(request.handles)
        try:
            changes = await asyncio.to_thread(bulk.changes, self._config, endpoints, request.texts)
        except FieldError as error:
            return _refused({error.key: error.text})
        if not changes:
            raise EditError("nothing changes: the endpoints have these values already")
        try:
            return await self._make(changes, lambda _: _changed(request.texts, endpoints))
        except ConfigError as error:
            return _refused(bulk.by_key(error.problems, request.texts))

    async def _change(self, request: Remove | Enable) -> Edited:
        endpoints = self._endpoints(request.handles)
        if isinstance(request, Remove):
            changes = await asyncio.to_thread(without, self._config, endpoints)
            return await self._make(changes, lambda _: f"deleted {_named(endpoints)}")
        endpoints = [one for one in endpoints if one.enabled is not request.on]
        does = "enabled" if request.on else "disabled"
        if not endpoints:
            raise EditError(f"{does} already")
        changes = await asyncio.to_thread(enabled, self._config, endpoints, request.on)
        return await self._make(changes, lambda _: f"{does} {_named(endpoints)} in the config")

    async def _undo(self, edit: int) -> Edited:
        if edit not in self._done:
            raise EditError("this can no longer be undone")
        done = self._done[edit]
        new = await self._write([one.undone for one in done.changes])
        del self._done[edit]
        return await self._in_force(new, f"undone: {done.did}")

    async def _make(self, changes: Sequence[Change], did: Callable[[Config], str]) -> Edited:
        """Write ``changes`` if the resulting config is valid, and record the edit for undo."""
        new = await self._write(changes)
        self._edits += 1
        self._done[self._edits] = _Done(did(new), changes)
        self._done.pop(self._edits - LEVELS, None)
        return await self._in_force(new, did(new), self._edits)

    async def _write(self, changes: Sequence[Change]) -> Config:
        def judge_and_write() -> Config:
            verify(changes)
            new = outcome(self._config, changes)
            write(changes)
            return new

        return await asyncio.to_thread(judge_and_write)

    async def _in_force(self, new: Config, did: str, edit: int = 0) -> Edited:
        self._engine.event_log.note("info", did)
        await self._use(new)
        return Edited(ok=True, text=did, edit=edit)


def _added(proposed: Proposal, new: Config) -> str:
    file = proposed.change.file
    places = [(one.name, one.source.line) for one in new.endpoints if one.source and one.source.file == file]
    name, line = places[proposed.index]
    return f'added "{name}" in {file}:{line}'


def _changed(keys: Iterable[str], endpoints: Sequence[Endpoint]) -> str:
    *others, last = keys
    listed = ", ".join(others) + " and " * bool(others) + last
    return f"changed {listed} of {_named(endpoints)} in the config"


def _refused(problems: dict[str, str]) -> Edited:
    elsewhere = problems.keys() <= {""}
    return Edited(
        ok=False, text=problems[""] if elsewhere else "not saved: see the problems", problems=problems
    )


def _named(endpoints: Sequence[Endpoint]) -> str:
    more = f" and {len(endpoints) - _NAMED} more" if len(endpoints) > _NAMED else ""
    return ", ".join(f'"{one.name}"' for one in endpoints[:_NAMED]) + more
