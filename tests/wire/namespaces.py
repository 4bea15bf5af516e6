"""A network of namespaces: ``here``, routers in a row, and ``there``, over IPv4 and IPv6.

Link number N is 10.9.N.0/24 and fd09:N::/64; its near end is 1, its far end 2. Needs root on Linux.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

_NEW_NET = 0x40000000
_SETTINGS = {
    "ipv4/ip_forward": "1",
    "ipv6/conf/all/forwarding": "1",
    "ipv6/conf/default/accept_dad": "0",
    "ipv4/icmp_ratelimit": "0",
    "ipv6/icmp/ratelimit": "0",
}
_NEIGHBOUR_SETTINGS = {"mcast_solicit": "1", "retrans_time_ms": "300"}
"""A neighbour that is off is given up after 300 ms, not 3 s."""


class Network:
    """``routers`` routers between here and there."""

    def __init__(self, routers: int) -> None:
        self.names = [f"mon{os.getpid()}-{at}" for at in range(routers + 2)]
        self.last = routers + 1
        """The number of the last link, and the TTL at which there is reached."""

    @property
    def there(self) -> tuple[str, str]:
        """The addresses of the far end."""
        return f"10.9.{self.last}.2", f"fd09:{self.last}::2"

    def router(self, number: int, *command: str) -> None:
        """Run a command in router ``number``, which counts from 1; 0 is here."""
        _run("ip", "netns", "exec", self.names[number], *command)

    def add(self) -> None:
        """Add the namespaces, which takes root's rights."""
        for name in self.names:
            _run("ip", "netns", "add", name)

    def connect(self) -> None:
        """Connect them."""
        for name in self.names:
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _set(name, _SETTINGS)
        for number in range(1, self.last + 1):
            self._link(number)
        for at in range(self.last + 1):
            self._route(at)

    def _link(self, number: int) -> None:
        near, far = self.names[number - 1 : number + 1]
        _run("ip", "-n", near, "link", "add", "east", "type", "veth", "peer", "name", "west", "netns", far)
        for name, end, device in ((near, 1, "east"), (far, 2, "west")):
            _run("ip", "-n", name, "addr", "add", f"10.9.{number}.{end}/24", "dev", device)
            _run("ip", "-n", name, "addr", "add", f"fd09:{number}::{end}/64", "dev", device, "nodad")
            _run("ip", "-n", name, "link", "set", device, "up")
            for family in ("ipv4", "ipv6"):
                neighbour = f"{family}/neigh/{device}"
                _set(name, {f"{neighbour}/{key}": value for key, value in _NEIGHBOUR_SETTINGS.items()})

    def _route(self, at: int) -> None:
        """Send what is farther east to the east, and the rest to the west."""
        name = self.names[at]
        for number in range(1, self.last + 1):
            east = number > at + 1
            via = (f"10.9.{at + 1}.2", f"fd09:{at + 1}::2") if east else (f"10.9.{at}.1", f"fd09:{at}::1")
            if number not in (at, at + 1):
                _run("ip", "-n", name, "route", "add", f"10.9.{number}.0/24", "via", via[0])
                _run("ip", "-n", name, "route", "add", f"fd09:{number}::/64", "via", via[1])

    def destroy(self) -> None:
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def run_here(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine in a thread whose sockets belong to here."""

        def work() -> T:
            _enter(self.names[0])
            return asyncio.run(make())

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result()


def _enter(name: str) -> None:
    """Move this thread into a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{name}").open() as namespace:
        if libc.setns(namespace.fileno(), _NEW_NET):
            raise OSError(ctypes.get_errno(), "setns")


def _set(name: str, settings: Mapping[str, str]) -> None:
    lines = [f"echo {value} > /proc/sys/net/{key}" for key, value in settings.items()]
    _run("ip", "netns", "exec", name, "sh", "-e", "-c", "\n".join(lines))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@contextmanager
def network(routers: int = 2) -> Iterator[Network]:
    """A network that is taken down afterwards; without the right to make one, skip, and fail in CI."""
    made = Network(routers)
    try:
        try:
            made.add()
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", "") or error
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no network namespaces: {reason}")
        made.connect()
        yield made
    finally:
        made.destroy()
