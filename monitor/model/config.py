"""A valid, complete config, and the problems of an invalid one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.model.endpoint import Endpoint, Probe


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in a config: ``FILE:LINE: KEY: the problem, and the fix``."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens for the web address; empty: no token of that kind is accepted."""

    read: str = field(default="", repr=False)
    write: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Retention of each tier of the history in seconds; everything else is kept as long as ``hours``."""

    raw: float = 48 * 3600.0
    minutes: float = 14 * 86400.0
    hours: float = 400 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The ``[monitor]`` table."""

    max_concurrency: int | None = None
    """Limit of checks in flight; None: as the open-file limit allows."""
    connectivity: tuple[Probe, ...] = ()
    """Canaries: while none of them answers, this machine is offline."""
    socket: str = ""
    """The daemon's socket; empty: derived from the config's path."""
    socket_group: str = ""
    """The Unix group that may attach; empty: the owner alone."""
    listen: tuple[str, int] | None = None
    """The web address: host (empty for every address) and port."""
    tokens: Tokens = field(default_factory=Tokens)
    history: str = ""
    """Absolute path of the history's file; empty: no history on disk."""
    retention: Retention = field(default_factory=Retention)


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the week, in minutes from the midnight at the start of ``weekday`` (0 is Monday).

    ``end`` is above 1440 if the part ends on the next day.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` messages in any ``seconds``."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An ``[[alerts]]`` table."""

    name: str
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    """Signs the webhook's messages; empty: they are not signed."""
    select: tuple[str, ...] = ()
    """Terms of ``--select``; none: every endpoint."""
    on: frozenset[str] = frozenset({"down", "up", "flapping", "certificate"})
    after: float = 0.0
    remind: float | None = None
    digest: float = 10.0
    hours: tuple[Hours, ...] = ()
    """When to send; none: always."""
    timezone: str = ""
    """Of ``hours``; empty: this machine's."""
    limit: Limit | None = None
    fallback: str = ""
    """The name of another alert; empty: none."""
    title: str = ""
    body: str = ""
    """Templates; empty: the default text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The ``[cluster]`` table."""

    nats: tuple[str, ...] = field(repr=False)
    """URLs of the NATS servers; they may hold passwords."""
    credentials: str = ""
    """Absolute path of a .creds file; empty: none."""
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Any = None
    """TLS options as the probes have them; None: as the URL's scheme says."""
    location: str = ""
    """This machine's own; empty: it does not check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A ``[[maintenance]]`` table: when the selected endpoints send no alerts."""

    name: str
    select: tuple[str, ...] = ()
    """Terms of ``--select``; none: every endpoint."""
    cron: str = ""
    start: float | None = None
    """The start of a single window; None if ``cron`` is set."""
    duration: float
    timezone: str = ""
    """Of ``cron``; empty: this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A user's theme: ``#rrggbb`` or the name of a terminal colour, by purpose."""

    dark: bool = True
    """Whether its background is the darker side."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Those that differ from the built-in dark or light theme's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardSettings:
    """The ``[dashboard]`` table."""

    theme: str = ""
    """The initial theme; empty: chosen by the terminal's background."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Remapped keys, by the names in :mod:`monitor.syntax.keymap`."""
    themes: Mapping[str, Theme] = field(default_factory=dict)
    """The user's own themes by name."""
    bell: bool = False
    """Ring the terminal's bell when an endpoint goes down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A valid and complete config."""

    endpoints: tuple[Endpoint, ...] = ()
    """Enabled and disabled ones, in the order of the files."""
    settings: Settings = Settings()
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)
    alerts: tuple[Alert, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    cluster: Cluster | None = None
    """The cluster for results of other machines; None: this machine checks alone."""
    file: str = ""
    """Absolute path of the main file; empty when there is none."""
    files: tuple[str, ...] = ()
    """Every file that was read, including secrets' files; a change to one of them causes a reload."""
    digests: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The version read of each config file, by absolute path."""
    patterns: tuple[str, ...] = ()
    """Patterns of ``include``; a new file that matches causes a reload."""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """Warnings: valid, but probably a mistake."""
    title: str = ""
    """Title for the header: the file's name, the targets, or ``demo``."""
    redact: Callable[[str], str] = field(default=str, compare=False)
    """Masks the config's secrets in foreign text."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines of a config file that an edit changes."""

    file: str
    line: int
    """The first of them, from 1, in the file before the edit."""
    removed: tuple[str, ...]
    added: tuple[str, ...]
    endpoint: str = ""
    """The name of the endpoint whose lines they were; empty if they were nobody's."""


@dataclass(frozen=True)
class Difference:
    """The difference between two configs: endpoints by id, and the dashboard's settings."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    dashboard: bool = False
    """Whether the dashboard's settings changed."""
    alerts: bool = False
    """Whether the alerts or the maintenance windows changed."""

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.changed or self.dashboard or self.alerts)

    def __str__(self) -> str:
        """``+2 -1 ~3 dashboard``, or ``no change``."""
        counts = (("+", self.added), ("-", self.removed), ("~", self.changed))
        parts = [f"{sign}{len(ids)}" for sign, ids in counts if ids]
        words = (("dashboard", self.dashboard), ("alerts", self.alerts))
        return " ".join([*parts, *(word for word, differs in words if differs)]) or "no change"
