"""Loads a whole config: the main file and its includes, or targets from the command line."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from glob import glob, has_magic
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor.config.alerts import Draft as AlertDraft
from monitor.config.alerts import alerts, together
from monitor.config.cluster import OtherLocation, cluster, for_location
from monitor.config.convert import INVALID, Place, converter, described, unknown
from monitor.config.dashboard import dashboard
from monitor.config.document import Document, read
from monitor.config.doubts import doubt_endpoints, doubt_groups, doubt_selections
from monitor.config.endpoints import Draft, assembled, draft, name_only
from monitor.config.interpolate import Interpolation
from monitor.config.layers import Layer, all_keys, check_shared
from monitor.config.maintenance import maintenance
from monitor.config.paths import user_path
from monitor.config.settings import settings
from monitor.errors import ConfigError, UsageError
from monitor.model import Alert, Cluster, Config, DashboardSettings, Endpoint, Maintenance, Problem, Settings
from monitor.redact import Redactor, shown
from monitor.text import plain

TABLES = (
    "include", "monitor", "dashboard", "cluster", "defaults", "groups", "endpoints", "alerts", "maintenance",
)  # fmt: skip
_MAIN_ONLY = frozenset({"monitor", "dashboard", "cluster"})


_FILLED = frozenset({"include", "endpoints"})
"""Tables whose ``${…}`` are filled in separately."""
_PORT = re.compile(r"^[^/]*:[0-9]+(/|$)")
"""A bare target that names a port."""

Unsaved = Mapping[str, bytes]
"""Unsaved contents by absolute path; used instead of the file on disk."""
Only = tuple[str, int] | None
"""The absolute path of a file, and the index of one of its endpoints."""


@contextmanager
def _collector_off() -> Iterator[None]:
    """No garbage collection: nearly all objects stay, and a scan takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_off()
def load(
    path: str | Path, unsaved: Unsaved = MappingProxyType({}), *, only: Only = None, location: str = ""
) -> Config:
    """The config in ``path`` and the files that it includes.

    With ``only``, the other endpoints are not looked into but for their names, and are not in the
    config. With ``location``, the same goes for endpoints that are checked elsewhere. Raises ConfigError
    with every problem, in the order of files and lines.
    """
    loading = _Loading(Interpolation(), unsaved)
    try:
        main = loading.read(Path(path), location)
        chosen = loading.settings(main) if main else Settings()
        shared = loading.cluster(main) if main else None
        endpoints = loading.endpoints(chosen, shared, only) if main else ()
        dashboards = loading.dashboard(main) if main else DashboardSettings()
        rules, windows = loading.alerts(), loading.maintenance()
    except RecursionError:
        problem = Problem(str(path), 1, "syntax", "arrays or tables are nested too deep")
        raise ConfigError([problem]) from None
    loading.raise_problems()
    return Config(
        endpoints=endpoints,
        settings=chosen,
        dashboard=dashboards,
        alerts=rules,
        maintenance=windows,
        cluster=shared,
        file=str(Path(path).absolute()),
        files=loading.files(),
        digests={str(one.file.absolute()): one.digest for one in loading.documents},
        patterns=tuple(loading.patterns),
        warnings=loading.warnings(),
        title=Path(path).name,
        redact=Redactor(loading.interpolation.secrets) or str,
    )


def from_targets(targets: Sequence[str], defaults_from: Path | None = None) -> Config:
    """A config that watches ``targets``: URLs, or a bare ``host``, ``host:port`` or ``host/path``.

    ``defaults_from`` names a config file whose ``[defaults]`` and ``[monitor]`` apply. Raises
    UsageError for a target that cannot be watched, ConfigError for that file.
    """
    loading = _Loading(Interpolation())
    main = None if defaults_from is None else loading.read(defaults_from)
    shared = loading.shared(main) if main else []
    chosen = loading.settings(main) if main else Settings()
    dashboards = loading.dashboard(main) if main else DashboardSettings()
    loading.raise_problems()
    return Config(
        endpoints=_targeted(targets, shared, chosen),
        settings=chosen,
        dashboard=dashboards,
        files=loading.files(),
        title=", ".join(targets[:3]) + (" …" if len(targets) > 3 else ""),
        redact=Redactor(loading.interpolation.secrets) or str,
    )


def _targeted(targets: Sequence[str], shared: Sequence[Layer], chosen: Settings) -> tuple[Endpoint, ...]:
    by_url = {table["url"]: table for table in map(_table_of, targets)}
    tables = list(by_url.values())
    document = Document(Path("command line"), "", {"endpoints": tables})
    drafts = [draft(_own(document, at, table), shared) for at, table in enumerate(tables)]
    if not document.problems:
        endpoints = assembled(_with_distinct_names(drafts), chosen, None)
    if document.problems:
        said = (f"{plain(targets[_index(one)])}: {one.text}" for one in document.problems)
        raise UsageError("\n".join(said))
    return endpoints


def _index(problem: Problem) -> int:
    return int(problem.key.partition("[")[2].partition("]")[0])


def _with_distinct_names(drafts: Sequence[Draft]) -> list[Draft]:
    """Targets of the same host and path are called by their whole URL."""
    names = [one.name for one in drafts]
    return [
        replace(one, common={**one.common, "name": one.probe.target})
        if one.probe and names.count(one.name) > 1
        else one
        for one in drafts
    ]


def _table_of(target: str) -> dict[str, str]:
    """The endpoint for a target; if https:// is assumed for a port, its name says so."""
    if "://" in target or target.partition(":")[0] in ("exec", "push"):
        return {"url": target}
    bare_v6 = target.count(":") > 1 and "[" not in target
    url = f"https://[{target}]" if bare_v6 else f"https://{target}"
    return {"url": url, "name": url} if _PORT.search(target) and not bare_v6 else {"url": url}


def _own(document: Document, at: int, table: Mapping[str, Any]) -> Layer:
    return Layer(document, ("endpoints", at), table)


class _Loading:
    """The documents of one config while it is read."""

    def __init__(self, interpolation: Interpolation, unsaved: Unsaved = MappingProxyType({})) -> None:
        self.interpolation = interpolation
        self._unsaved = {os.path.realpath(file): data for file, data in unsaved.items()}
        self.documents: list[Document] = []
        self.patterns: list[str] = []
        self._opened: set[str] = set()
        self._broken: list[Problem] = []
        self._layers: dict[Document, Layer | None] = {}

    def read(self, file: Path, location: str = "") -> Document | None:
        """Read ``file`` and its includes; None if the file cannot be used at all.

        With a ``location``, no more of them is filled in than its agents need.
        """
        main = self._open(file)
        if location:
            reduced = for_location([one.table for one in self.documents], location)
            for document, table in zip(self.documents, reduced, strict=True):
                document.table = table
        for document in self.documents:
            document.table = self._filled(document)
        return main

    def _filled(self, document: Document) -> dict[str, Any]:
        def fill(value: Any, *path: str | int) -> Any:
            return self.interpolation.fill(value, document.file.parent, document.complain, path)

        filled = {key: fill(value, key) for key, value in document.table.items() if key not in _FILLED}
        endpoints = document.table.get("endpoints")
        if isinstance(endpoints, list):
            filled["endpoints"] = [
                one if isinstance(one, OtherLocation) else fill(one, "endpoints", at)
                for at, one in enumerate(endpoints)
            ]
        elif endpoints is not None:
            filled["endpoints"] = fill(endpoints, "endpoints")
        return filled

    def _open(self, file: Path) -> Document | None:
        self._opened.add(os.path.realpath(file))
        try:
            document = read(file, self._unsaved.get(os.path.realpath(file)))
        except ConfigError as error:
            self._broken += error.problems
            return None
        self.documents.append(document)
        self._check_tables(document)
        self._include(document)
        return document

    def _check_tables(self, document: Document) -> None:
        root = Place(document, ())
        for key in document.table:
            if key not in TABLES:
                root.below(key).complain(_not_on_top(key, document.table[key]))
        included = document is not self.documents[0]
        for key in document.table.keys() & _MAIN_ONLY if included else ():
            root.below(key).complain("belongs to the main file, not to one that it includes")

    def _include(self, document: Document) -> None:
        place = Place(document, ("include",))
        written = self.interpolation.fill(
            document.table.get("include", []), document.file.parent, document.complain, ("include",)
        )
        patterns = converter(tuple[str, ...])(written, place)
        for pattern in () if patterns is INVALID else patterns:
            try:
                whole = str(user_path(pattern, document.file.parent))
            except ValueError as error:
                place.complain(str(error))
                continue
            self.patterns.append(whole)
            found = sorted(glob(whole, recursive=True))  # noqa: PTH207 -- the pattern may be absolute
            if not found:
                self._missed(pattern, place, is_pattern=has_magic(whole))
            for name in found:
                if os.path.realpath(name) not in self._opened:
                    self._open(Path(name))

    @staticmethod
    def _missed(pattern: str, place: Place, *, is_pattern: bool) -> None:
        if is_pattern:
            place.doubt(f"no file matches {plain(shown(pattern))}")
        else:
            place.complain(f"names {plain(shown(pattern))}, and there is no such file")

    def files(self) -> tuple[str, ...]:
        read_ones = [str(document.file.absolute()) for document in self.documents]
        return (*read_ones, *self.interpolation.files)

    def settings(self, main: Document) -> Settings:
        return settings(main.table.get("monitor", {}), Place(main, ("monitor",)))

    def dashboard(self, main: Document) -> DashboardSettings:
        return dashboard(main.table.get("dashboard", {}), Place(main, ("dashboard",)))

    def cluster(self, main: Document) -> Cluster | None:
        return cluster(main.table["cluster"], Place(main, ("cluster",))) if "cluster" in main.table else None

    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of every document, in order."""
        drafts: list[AlertDraft] = []
        for document in self.documents:
            if "alerts" in document.table:
                drafts += alerts(document.table["alerts"], Place(document, ("alerts",)), len(drafts))
        return together(drafts)

    def maintenance(self) -> tuple[Maintenance, ...]:
        """The maintenance windows of every document, in order."""
        windows: list[Maintenance] = []
        for document in self.documents:
            if "maintenance" in document.table:
                place = Place(document, ("maintenance",))
                windows += maintenance(document.table["maintenance"], place, len(windows))
        return tuple(windows)

    def shared(self, document: Document) -> list[Layer]:
        """The ``[defaults]`` that apply in ``document``: the main file's, and on top of them its own."""
        applying = [self.documents[0]] if document is self.documents[0] else [self.documents[0], document]
        return [layer for one in applying if (layer := self._defaults(one))]

    def endpoints(
        self, chosen: Settings, shared_work: Cluster | None, only: Only = None
    ) -> tuple[Endpoint, ...]:
        """Every endpoint of every document, in order; or the one that ``only`` names."""
        groups = self._groups()
        drafts = [
            draft(own, _with_group(own, shared, groups)) if _is_meant(own, only) else name_only(own)
            for document in self.documents
            for shared in [self.shared(document)]
            for own in (_own(document, at, table) for at, table in enumerate(_tables(document)))
        ]
        endpoints = assembled(drafts, chosen, shared_work)
        if only is None:
            doubt_groups(drafts, groups)
            doubt_endpoints(drafts, endpoints)
            doubt_selections(self.documents, endpoints)
        return endpoints

    def _defaults(self, document: Document) -> Layer | None:
        if document not in self._layers:
            self._layers[document] = _defaults(document)
        return self._layers[document]

    def _groups(self) -> dict[str, Layer]:
        groups: dict[str, Layer] = {}
        for document in self.documents:
            for name, layer in _group_layers(document):
                first = groups.setdefault(name, layer)
                if first is not layer:
                    at = first.document.source(first.path)
                    layer.place().complain(f"is also set at {at.file}:{at.line}; put the two together")
        return groups

    def raise_problems(self) -> None:
        """ConfigError if there is any problem; each is named once, by file and line."""
        problems = [*self._broken, *(problem for one in self.documents for problem in one.problems)]
        if problems:
            raise ConfigError(self._in_order(problems))

    def warnings(self) -> tuple[Problem, ...]:
        """The warnings, in the order of files and lines."""
        return tuple(self._in_order([doubt for one in self.documents for doubt in one.doubts]))

    def _in_order(self, problems: Sequence[Problem]) -> list[Problem]:
        redact = Redactor(self.interpolation.secrets)
        order = {str(one.file): at for at, one in enumerate(self.documents)}
        masked = (replace(one, text=redact(one.text)) for one in problems)
        ordered = sorted(masked, key=lambda one: (order.get(one.file, -1), one.line))
        return list(dict.fromkeys(ordered))


def _not_on_top(key: str, value: Any) -> str:
    if key in all_keys() and not isinstance(value, dict | list):
        return "belongs to endpoints; write it below [defaults] or [[endpoints]]"
    return unknown(key, TABLES, "table")


def _defaults(document: Document) -> Layer | None:
    table = document.table.get("defaults")
    if table is None:
        return None
    if not isinstance(table, dict):
        Place(document, ("defaults",)).complain(f"is {described(table)}; write it as [defaults]")
        return None
    layer = Layer(document, ("defaults",), table)
    check_shared(layer)
    return layer


def _tables(document: Document) -> Iterable[Mapping[str, Any]]:
    tables = document.table.get("endpoints", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        Place(document, ("endpoints",)).complain(
            f"is {described(tables)}; write each endpoint as a table that begins with [[endpoints]]"
        )
        return []
    return tables


def _group_layers(document: Document) -> Iterable[tuple[str, Layer]]:
    tables = document.table.get("groups", {})
    place = Place(document, ("groups",))
    if not isinstance(tables, dict):
        place.complain(f"is {described(tables)}; write each group as [groups.NAME]")
        return
    for name, table in tables.items():
        if not isinstance(table, dict):
            place.below(name).complain(f"is {described(table)}; write a group as [groups.{name}]")
            continue
        layer = Layer(document, ("groups", name), table)
        if "group" in table:
            layer.place("group").complain("cannot be set for a group")
        check_shared(layer)
        yield name, layer


def _is_meant(own: Layer, only: Only) -> bool:
    if isinstance(own.table, OtherLocation):
        return False
    return only is None or (str(own.document.file.absolute()), own.path[-1]) == only


def _with_group(own: Layer, shared: Sequence[Layer], groups: Mapping[str, Layer]) -> list[Layer]:
    named = [layer.table["group"] for layer in (*shared, own) if "group" in layer.table]
    group = named[-1] if named else None
    return [*shared, groups[group]] if isinstance(group, str) and group in groups else list(shared)
