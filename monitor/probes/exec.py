"""A command of the user's, in the protocol of monitoring plugins.

https://www.monitoring-plugins.org/doc/guidelines.html: exit status 0 is OK and 1 WARNING. The first line
of standard output is the message; behind a ``|`` stands performance data. Standard error is shown in
the explanation, and is the message only if there is no standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import ClassVar, Self

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import LATENCY, REPLY, Expectation
from monitor.model import Measure, Reason
from monitor.probe import BaseProbe
from monitor.redact import MASK, shown
from monitor.syntax.command_line import words
from monitor.text import plain
from monitor.trace import Phase, Trace

OUTPUT_LIMIT = 65536
"""Bytes to keep of each of a command's two outputs; the rest is read and dropped."""

_OK, _WARNING = 0, 1
_REAPING = 1.0
"""Seconds to wait for the end of a killed command, which may still be in the kernel."""
_NUMBER = r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?"
_PERFORMANCE = re.compile(
    rf"(?<!\S)(?:'((?:[^']|'')+)'|([^\s'=]+))=({_NUMBER})([^\s;,\d'=]{{0,20}})(?![^\s;])"
    r"(?:;([^\s;]*))?(?:;([^\s;]*))?"
)
"""Label, value (with a comma too, as in some locales), unit, and the two limits."""
_MEASURES = 100


@dataclass(frozen=True, kw_only=True)
class Exec(BaseProbe):
    """Runs a command, without a shell: exit status 0 is up, 1 degraded, anything else down."""

    kind: ClassVar[str] = "exec"
    schemes: ClassVar[tuple[str, ...]] = ("exec",)
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "reply": REPLY}

    env: Mapping[str, str] | None = key(
        "Environment variables of the command, in addition to monitor's own.", default=None
    )

    def __post_init__(self) -> None:
        if not self.command:
            raise FieldError(
                "url", "names no command; write exec:COMMAND, as in exec:/usr/bin/test -e /run/ready"
            )

    @property
    def command(self) -> list[str]:
        """The command's words; FieldError when a quote is left open."""
        try:
            return words(self.url, "exec:")
        except ValueError as error:
            raise FieldError("url", f"is not a command: {str(error).lower()}") from None

    @property
    def target(self) -> str:
        return shown(self.url)

    @property
    def _program(self) -> str:
        """The command's first word, masked if it is secret."""
        program = self.command[0]
        return plain(program) if program in shown(self.url) else MASK

    async def check(self, trace: Trace) -> str:
        trace.asked = shown(self.url).partition(":")[2]
        trace.enter(Phase.WAIT)
        try:
            status, output, errors = await _run(self.command, {**os.environ, **(self.env or {})})
        except OSError as error:
            raise LocalError(f"cannot run {self._program}: {(error.strerror or '').lower()}") from None
        trace.enter(None)
        trace.answer = _shown(output, errors)
        trace.facts["reply"] = said = output if output.strip() else errors
        trace.facts["performance"] = performance(output) or None
        message = said.lstrip().partition("\n")[0].partition("|")[0].strip()
        if status not in (_OK, _WARNING):
            raise ProbeError(Reason.COMMAND_FAILED, plain(f"{_ended(status)}: {message or 'no output'}"))
        trace.degraded = status == _WARNING
        return plain(message or f"exit status {status}")


def performance(output: str) -> dict[str, Measure]:
    """The performance data in a plugin's output: the text behind ``|``, on the first line and at the end.

    Values have the plugin's own units; at most a hundred are read.
    """
    first, _, rest = output.partition("\n")
    data = first.partition("|")[2] + " " + rest.partition("|")[2]
    return dict(islice(_measures(data), _MEASURES))


def _measures(data: str) -> Iterator[tuple[str, Measure]]:
    for found in _PERFORMANCE.finditer(data):
        quoted, bare, text, *rest = found.groups("")
        value = float(text.replace(",", "."))
        if isfinite(value):
            yield plain((quoted or bare).replace("''", "'")), Measure(value, *map(plain, rest))


def _ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"


def _shown(output: str, errors: str) -> str:
    if not errors.strip():
        return output
    return f"{output.rstrip()}\n\nstandard error:\n{errors}".lstrip()


async def _run(command: list[str], env: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit status, and the beginnings of both outputs; whatever the command started ends with it."""
    with _Output() as output, _Output() as errors:
        starting = asyncio.ensure_future(_start(command, env, output.writer, errors.writer))
        try:
            status = await (await asyncio.shield(starting)).wait()
        finally:
            await _ended_group(starting)
        return status, output.read(), errors.read()


async def _start(
    command: list[str], env: Mapping[str, str], output: int, errors: int
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=env,
            start_new_session=True,
        )
    except ValueError:
        raise LocalError("cannot run a command with a NUL character in it") from None


async def _ended_group(starting: asyncio.Future[asyncio.subprocess.Process]) -> None:
    """End the command and all that it started; also if it was still being started when it was cancelled.

    asyncio itself would then kill the command only, and not its children.
    """
    await asyncio.wait([starting])
    if starting.cancelled() or starting.exception():
        return
    _end_group(starting.result().pid)
    await _reaped(starting.result())


def _end_group(leader: int) -> None:
    """Kill the rest of the command's session; asyncio reaps the command itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


async def _reaped(process: asyncio.subprocess.Process) -> None:
    """Wait until asyncio has noticed the end, so that no process is left to reap."""
    if process.returncode is None:
        await asyncio.wait([asyncio.ensure_future(process.wait())], timeout=_REAPING)


class _Output:
    """The pipe that a command writes to, emptied as it fills.

    A pipe of our own: a grandchild that keeps it open would keep asyncio's pipes, and with them
    the check, waiting after the command has ended.
    """

    def __init__(self) -> None:
        self._kept = bytearray()
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._take)

    def __enter__(self) -> Self:
        return self

    def _take(self) -> bool:
        """Read the available bytes. Return whether there were any."""
        try:
            data = os.read(self._reader, OUTPUT_LIMIT)
        except BlockingIOError:
            return False
        self._kept += data[: OUTPUT_LIMIT - len(self._kept)]
        return bool(data)

    def read(self) -> str:
        """The output so far, cut at the limit."""
        while len(self._kept) < OUTPUT_LIMIT and self._take():
            pass
        return self._kept.decode("utf-8", "replace")

    def __exit__(self, *_error: object) -> None:
        self._loop.remove_reader(self._reader)
        os.close(self._reader)
        os.close(self.writer)
