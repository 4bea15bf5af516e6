"""How much of this machine we may use at once."""

import subprocess
import sys

import pytest

from monitor.checks.limits import checks_at_once

resource = pytest.importorskip("resource")


@pytest.mark.parametrize(
    ("configured", "open_files", "at_once"),
    [(None, 1024, 480), (100, 1024, 100), (5000, 1024, 480), (None, 10, 1), (3, 10, 1)],
)
def test_checks_in_flight_are_bounded_by_descriptors(
    configured: int | None, open_files: int, at_once: int
) -> None:
    assert checks_at_once(configured, open_files) == at_once


def test_the_collector_leaves_what_lives_already_alone() -> None:
    program = (
        "import gc; from monitor.checks.limits import tune_collector; tune_collector();"
        "print(gc.get_freeze_count() > 1000, gc.get_threshold()[0])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "True 50000\n"


def test_the_soft_limit_on_open_files_is_raised_to_the_hard_one() -> None:
    program = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (100, 300));"
        "from monitor.checks.limits import raise_open_files;"
        "print(raise_open_files(), r.getrlimit(r.RLIMIT_NOFILE))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "300 (300, 300)\n"
