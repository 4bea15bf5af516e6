"""What every kind of check is made of: the base class that ``probes/`` build on."""

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
    """What they have to bring."""


def awaited(probe: Probe) -> Awaited | None:
    """The calls that ``probe`` waits for; None for one that asks for itself."""
    return probe.awaits if isinstance(probe, BaseProbe) else None


@dataclass(frozen=True, kw_only=True)
class BaseProbe:
    """One kind of check. Subclasses are frozen dataclasses whose fields are TOML keys.

    A subclass sets ``kind`` and ``schemes``, may add to ``expectations`` (what ``expect`` and
    ``warn`` may ask about), checks in ``__post_init__`` what the types of its fields do not
    (raising :class:`FieldError` with the key), and writes ``check``. ``==`` tells a reload what
    changed, so everything that matters to the check is a field.
    """

    kind: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY}
    default_expect: ClassVar[Mapping[str, Any]] = {}
    """What ``expect`` is, key by key, where the user says nothing."""

    url: Url = key("What to check; the scheme picks the kind of check.")

    @property
    def target(self) -> str:
        """The URL as it may be shown: what ``${…}`` brought in and passwords as ``•••``."""
        return without_password(shown(self.url))

    @property
    def awaits(self) -> Awaited | None:
        """The calls that it waits for, if it is about what comes to us on ``[monitor] listen``."""
        return None

    def prepare(self) -> None:
        """Load what the first check needs and later ones find: its time is in no check's latency.

        Called before the clock of every check starts, so it has to be quick once all is loaded.
        """

    async def check(self, trace: Trace) -> str:
        """See :meth:`monitor.model.Probe.check`."""
        raise NotImplementedError


def split_url(url: str, key: str = "url") -> Parts:
    """``url`` taken apart; FieldError on ``key`` when it cannot be, without a secret in its message."""
    try:
        return split(url)
    except ValueError as error:
        raise FieldError(key, f"{without_any_password(shown(url))!r} is not a URL: {error}") from None
