"""The output of a monitoring plugin."""

import io

import pytest
from msgspec import structs

from monitor.model import Status
from monitor.outputs import Run
from monitor.outputs.nagios import exit_status, write


def written(run: Run) -> list[str]:
    out = io.StringIO()
    write(run, out)
    return out.getvalue().splitlines()


def test_all_well_is_one_ok(healthy: Run) -> None:
    assert written(healthy) == [
        "MONITOR OK - 1 up | 'Shop front'=0.041700s;;;0",
        "OK: Shop front: 200 OK",
    ]


def test_the_first_line_tells_the_worst_and_the_others_each(mixed: Run) -> None:
    first, *rest = written(mixed)
    text, _, data = first.partition(" | ")
    assert text == (
        "MONITOR CRITICAL - 1 up, 1 degraded, 1 down, 1 inconclusive; "
        "API: expected status 200, got 503 (and 1 more) [status_mismatch]"
    )
    assert data == "'Shop front'=0.041700s;;;0 '[bold]Größe¦''-x'''=0.812000s;;;0 'API'=0.005000s;;;0"
    assert [line.split(":")[0] for line in rest] == ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
    assert not any("|" in line for line in rest)


@pytest.mark.parametrize(
    ("statuses", "strict", "ends_with"),
    [
        ([Status.UP], False, 0),
        ([Status.UP, Status.DEGRADED], False, 1),
        ([Status.UP, Status.DEGRADED], True, 2),
        ([Status.DOWN, Status.INCONCLUSIVE, Status.UP], False, 2),
        ([Status.DEGRADED, Status.INCONCLUSIVE], False, 3),
        ([], False, 3),
    ],
)
def test_the_exit_status_is_the_worst_plugin_status(
    statuses: list[Status], strict: bool, ends_with: int, healthy: Run
) -> None:
    ((endpoint, result),) = healthy.checks
    checks = tuple((endpoint, structs.replace(result, status=status)) for status in statuses)
    assert exit_status(Run(0.0, checks, strict=strict)) == ends_with


def test_what_has_no_latency_has_no_performance_data(mixed: Run) -> None:
    assert "Far away'" not in written(mixed)[0]
    only = Run(0.0, mixed.checks[3:])
    assert "|" not in written(only)[0]
