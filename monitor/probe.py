"""The base class of every kind of check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from monitor.errors import FieldError
from monitor.fields import Url, key
from monitor.judge.expectations import LATENCY, Expectation
from monitor.redact import shown, without_any_password, without_password
from monitor.wire.urls import Parts, split

if TYPE_CHECKING:
    from monitor.model import Probe
    from monitor.trace import Trace


class Awaited(NamedTuple):
    """Calls that a passive kind of check waits for, at ``/push/NAME``."""

    name: str
    token: str | None = None
    """The token that they must have; None: none."""


def awaited(probe: Probe) -> Awaited | None:
    """The calls that ``probe`` waits for; None for one that asks for itself."""
    return probe.awaits if isinstance(probe, BaseProbe) else None


@dataclass(frozen=True, kw_only=True)
class BaseProbe:
    """One kind of check. Subclasses are frozen dataclasses whose fields are TOML keys.

    A subclass sets ``kind`` and ``schemes``, may add to ``expectations`` (the keys of ``expect`` and
    ``warn``), checks its fields in ``__post_init__`` as far as their types do not (raising
    :class:`FieldError` with the key), and writes ``check``. A reload compares probes by ``==``, so
    everything that matters to the check is a field.
    """

    kind: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY}
    default_expect: ClassVar[Mapping[str, Any]] = {}
    """The default of ``expect``, key by key."""

    url: Url = key("The URL to check; its scheme selects the kind of check.")

    @property
    def target(self) -> str:
        """The URL with secrets and passwords as ``•••``."""
        return without_password(shown(self.url))

    @property
    def awaits(self) -> Awaited | None:
        """The calls on ``[monitor] listen`` that a passive kind waits for; None for an active kind."""
        return None

    @property
    def repeatable(self) -> bool:
        """Whether a check may be made twice in a row, as it changes nothing at the server.

        Only then may it take shortcuts: see :mod:`monitor.wire.shortcuts`.
        """
        return False

    def prepare(self) -> None:
        """Load modules and files that all checks need, so that no check's latency contains their loading.

        Called before the clock of every check starts, so it must be quick once all is loaded.
        """

    async def check(self, trace: Trace) -> str:
        """See :meth:`monitor.model.Probe.check`."""
        raise NotImplementedError


def split_url(url: str, key: str = "url") -> Parts:
    """Split ``url``; FieldError on ``key`` for a bad one, without a secret in its message."""
    try:
        return split(url)
    except ValueError as error:
        raise FieldError(key, f"{without_any_password(shown(url))!r} is not a URL: {error}") from None
