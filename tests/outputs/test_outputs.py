"""What all formats have in common."""

import io
from dataclasses import replace

import pytest
from msgspec import structs

from monitor.model import Status
from monitor.outputs import FORMATS, Run, exit_status, output


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_one_shape(name: str, mixed: Run) -> None:
    out = io.StringIO()
    output(name).write(mixed, out)
    assert out.getvalue().endswith("\n")
    assert isinstance(output(name).exit_status(mixed), int)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_tell_that_nothing_was_checked(name: str) -> None:
    out = io.StringIO()
    output(name).write(Run(0.0, ()), out)
    assert out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_writes_escape_codes_to_a_pipe(
    name: str, mixed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    out = io.StringIO()
    output(name).write(replace(mixed, explain=True), out)
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_format_can_be_written_in_any_encoding(name: str, encoding: str, mixed: Run) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding, errors="replace")
    output(name).write(replace(mixed, explain=True), out)
    out.flush()
    assert raw.getvalue()


@pytest.mark.parametrize(
    ("statuses", "strict", "ends_with"),
    [
        ([], False, 2),
        ([Status.UP], True, 0),
        ([Status.UP, Status.DEGRADED], False, 0),
        ([Status.UP, Status.DEGRADED], True, 1),
        ([Status.UP, Status.DOWN], False, 1),
        ([Status.INCONCLUSIVE], False, 1),
    ],
)
def test_the_exit_status_says_whether_something_is_down(
    statuses: list[Status], strict: bool, ends_with: int, healthy: Run
) -> None:
    ((endpoint, result),) = healthy.checks
    checks = tuple((endpoint, structs.replace(result, status=status)) for status in statuses)
    assert exit_status(Run(0.0, checks, strict=strict)) == ends_with
