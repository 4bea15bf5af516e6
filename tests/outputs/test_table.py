"""The table for people."""

import contextlib
import io
import os
import pty
import re
import termios
from dataclasses import replace

import pytest
from msgspec import structs
from rich.cells import cell_len

from monitor.outputs import Run
from monitor.outputs.table import write


def written(run: Run) -> str:
    out = io.StringIO()
    write(run, out)
    return out.getvalue()


def on_a_terminal(run: Run, columns: int) -> str:
    """What ``write`` sends to a terminal of that many columns."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, columns))
    with os.fdopen(follower, "w", encoding="utf-8") as out:
        write(run, out)
    sent = b""
    with contextlib.suppress(OSError):  # EIO: all has been read, and the other end is closed
        while chunk := os.read(leader, 65536):
            sent += chunk
    os.close(leader)
    return sent.decode().replace("\r\n", "\n")


def test_every_endpoint_has_a_line_and_there_is_a_summary(mixed: Run) -> None:
    assert written(mixed) == (
        "✔ up            Shop front        41.7 ms  200 OK\n"
        "! degraded      [bold]Größe|'=x'   812 ms  latency 812 ms, allowed 500 ms [latency_exceeded]\n"
        "✘ down          API               5.00 ms  expected status 200, got 503 (and 1 more)"
        " [status_mismatch]\n"
        "                                           expected body ok, got a | b <&>\n"
        "? inconclusive  Far away                   this machine has no route to any network [local_error]\n"
        "\n"
        "4 checked: 1 up, 1 degraded, 1 down, 1 inconclusive\n"
    )


def test_nothing_is_cut_in_a_pipe(healthy: Run) -> None:
    ((endpoint, result),) = healthy.checks
    long = Run(0.0, ((replace(endpoint, name="n" * 300), structs.replace(result, message="m" * 200)),))
    assert "n" * 300 in written(long)
    assert "m" * 200 in written(long)


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_on_a_terminal_no_line_is_longer_than_it_is_wide(
    columns: int, mixed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ((endpoint, result), *others) = mixed.checks
    run = Run(0.0, ((replace(endpoint, name="世界" * 40), result), *others))
    sent = on_a_terminal(run, columns)
    assert "\x1b[" in sent
    for line in re.sub(r"\x1b\[[0-9;]*m", "", sent).split("\n"):
        assert cell_len(line) <= columns
    assert "status_mismatch" in sent.replace("\n", "").replace(" ", "") or columns < 60


def test_no_color_means_no_escape_codes_even_on_a_terminal(
    mixed: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in on_a_terminal(mixed, 80)


def test_an_explanation_tells_what_was_asked_and_answered(healthy: Run) -> None:
    told = written(replace(healthy, explain=True))
    for line in (
        "Shop front  https://shop.example.com/health",
        "  address  203.0.113.7:443",
        "  phases   dns 1.20 ms, connect 8.00 ms, wait 32.5 ms",
        "  hop      GET / → 302 Found",
        "  tls      TLSv1.3 TLS_AES_256_GCM_SHA384",
        "  asked    GET /health HTTP/1.1",
        "           Host: shop",
        "  answer   HTTP/1.1 200 OK",
    ):
        assert line in told.splitlines()
