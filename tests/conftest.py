"""What tests of several folders share."""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alert_sink import Sink, running_sink
from browser import Page, chromium
from hypothesis import settings
from scripted_month import write_month

from monitor.demo.certs import Authority
from monitor.demo.process import RunningZoo, zoo_process

# No test leaves anything in the user's own folders.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="monitor-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# No test fails for being slow, and CI looks at the same examples each time.
settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    # pytest-xdist would start with the modules that have the most tests, which are not those that take long.
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    # 13,000 tests are no garbage: each full collection would look at all of them.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A CA with certificates of every kind (:data:`monitor.demo.certs.KINDS`)."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The history of the scripted month, written once for all workers; for reading only."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    path = folder / "month.db"
    with (folder / "month.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = (
                folder / f"month-{os.getpid()}.part"
            )  # another worker's may have been cut off by a time limit
            write_month(part)
            part.rename(path)
    return path


@pytest.fixture(scope="session")
def zoo() -> Iterator[RunningZoo]:
    """Every server that misbehaves on purpose, in a process of its own."""
    with zoo_process() as running:
        yield running


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """Where a program is; without it the test is skipped, and in CI (``CI=true``) fails."""
    return _where


@pytest.fixture(scope="module")
def tab(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A tab of a real browser."""
    with chromium(needs("chromium"), tmp_path_factory.mktemp("chromium")) as page:
        yield page


def _where(program: str) -> str:
    places = [
        os.environ.get("PATH", ""),
        "/usr/sbin",
        "/usr/local/sbin",
        *map(str, Path("/usr/lib/postgresql").glob("*/bin")),
    ]
    found = shutil.which(program, path=":".join(places))
    if found is None:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain(f"{program} is not installed")
    return found


@pytest.fixture
def time_zone() -> Iterator[Callable[[str], None]]:
    """Sets the time zone of this machine for the test."""

    def use(name: str) -> None:
        patch.setenv("TZ", name)
        time.tzset()

    with pytest.MonkeyPatch.context() as patch:
        yield use
    time.tzset()


@pytest.fixture
def berlin(time_zone: Callable[[str], None]) -> None:
    """A machine in Berlin."""
    time_zone("Europe/Berlin")


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A receiver of webhooks, which fails as it is told to."""
    with running_sink() as made:
        yield made


@pytest.fixture(scope="session")
def needs_nats() -> None:
    """Skip without a NATS server, or fail in CI."""
    from natsd import program

    if program() is None:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("nats-server is not installed")


@pytest.fixture
def nats_server(needs_nats: None, tmp_path: Path) -> Iterator[Any]:
    """A real NATS server with an empty store."""
    from natsd import Server

    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
async def bus(nats_server: Any) -> AsyncIterator[Any]:
    """A client of that server."""
    from natsd import client

    made = await client(nats_server)
    yield made
    await made.close()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Ends, after the test, whatever is entered into it."""
    with ExitStack() as made:
        yield made
