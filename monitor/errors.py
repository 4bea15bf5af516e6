"""The exceptions that we raise on purpose.

::

    MonitorError              everything below; its text is fit to show to a user
    ├── UsageError            the command line is wrong (exit status 2)
    │   └── EngineRunningError  … because another engine watches this config already
    ├── ConfigError           the config is wrong; carries every problem (exit status 2)
    ├── FieldError            one field of a probe or endpoint is wrong; config adds file and line
    ├── EditError             the config file cannot be changed in the way that was asked for
    ├── LinkError             the engine cannot be reached, or has gone
    │   └── RefusedError      it answered that it will not
    └── ProbeError            a check could not be completed, and why
        └── LocalError        … because of this machine: nothing was learnt about the endpoint
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.model import Reason

if TYPE_CHECKING:
    from monitor.model import Problem


def refused(problems: Sequence[Problem]) -> str:
    """The message for a changed config with problems: the first, and the number of the others."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"the config has problems; the old one stays in force: {problems[0]}{more}"


def crash(error: BaseException) -> str:
    """The type and place of a crash, without its message, which may quote a part of a secret."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
        place = f" at {file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


class MonitorError(Exception):
    """Base of the exceptions that this program raises on purpose."""


class UsageError(MonitorError):
    """The command line cannot be executed as it is."""


class EngineRunningError(UsageError):
    """Another engine watches this config already; dashboards can attach to its ``socket``."""

    def __init__(self, text: str, socket: str = "") -> None:
        super().__init__(text)
        self.socket = socket


class ConfigError(MonitorError):
    """One or more config files have problems; all of them are in ``problems``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class FieldError(MonitorError):
    """The value of one TOML key is wrong in a way its type alone does not show.

    ``key`` is the TOML key (dotted below a table, as in ``tls.cert``); ``text`` names the
    error and the valid values. ``also`` holds further errors in the same table.
    """

    def __init__(self, key: str, text: str, also: Sequence[FieldError] = ()) -> None:
        super().__init__(f"{key}: {text}")
        self.key = key
        self.text = text
        self.also = tuple(also)


class EditError(MonitorError):
    """A config file cannot be changed as requested; it was not modified."""


class LinkError(MonitorError):
    """The engine cannot be reached, speaks another version, or has gone.

    Where it is the config that it cannot start with, ``problems`` lists its errors.
    """

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class RefusedError(LinkError):
    """The engine refuses a request; the link stays usable."""


class ProbeError(MonitorError):
    """A check could not be completed: the endpoint's fault, with its ``reason``."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class LocalError(ProbeError):
    """A check could not be made because of this machine; the verdict is inconclusive."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.LOCAL_ERROR, message)
