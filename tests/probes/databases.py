"""Checks of SQL databases, as tests of each kind make them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from monitor.checks.run_probe import run_probe
from monitor.judge.verdict import judge
from monitor.model import Result
from monitor.probes._database import DatabaseProbe


def checker(kind: type[DatabaseProbe]) -> Callable[..., Awaitable[Result]]:
    """A function that checks a URL and expects ``rows`` and ``value`` if they are given."""

    async def check(url: str, rows: object = None, value: object = None, **keys: object) -> Result:
        wanted = {"rows": rows, "value": value}
        expect = tuple(
            assertion
            for name, literal in wanted.items()
            if literal is not None
            for assertion in kind.expectations[name].compile(f"expect.{name}", literal)
        )
        seen = await run_probe(kind(url=url, **keys), 5.0, expect)  # type: ignore[arg-type]
        return judge("x", seen, expect, ())

    return check
