"""The messages of a pull consumer, each as soon as it comes.

nats-py's own ``fetch`` holds back the first messages until a batch is full or its time is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

from monitor.cluster.connection import ClusterError

_EXPIRES = 10.0
"""Seconds after which a request ends."""
_HEARTBEAT = 2.0
"""Seconds between the server's signs that a request is still open."""
_SILENCE = 3 * _HEARTBEAT
"""Seconds without such a sign after which the request is lost."""
_LOOK = 0.5
"""Seconds between two checks of the connection."""
_ENDED = frozenset({"404", "408"})
"""Statuses that end a request: there are no messages, or its time is over."""


class Position(NamedTuple):
    """The position of a message in its stream."""

    sequence: int
    stored_at: float
    """Seconds since the epoch, by the server's clock."""
    pending: int
    """Messages after it that the consumer has not been given."""


def position(reply: str) -> Position:
    """Parse the position of a delivered message from the subject for its acknowledgement.

    ``$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.COUNT.NANOSECONDS.PENDING``, with the domain and the account
    after ``ACK`` in newer servers, and more behind. Raises ClusterError for another subject.
    """
    parts = reply.split(".")
    at = 5 if len(parts) == 9 else 7
    try:
        return Position(int(parts[at]), int(parts[at + 2]) / 1e9, int(parts[at + 3]))
    except (ValueError, IndexError):
        raise ClusterError("a message that no consumer delivered") from None


class Pull:
    """Asks a consumer for messages again and again, and calls ``deliver`` with each.

    ``room()`` returns how many messages to ask for. If it returns 0, nothing is asked for until :meth:`more`
    is called.
    """

    def __init__(
        self,
        client: Client,
        stream: str,
        consumer: str,
        deliver: Callable[[Msg], Awaitable[None]],
        room: Callable[[], int],
    ) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._deliver = deliver
        self._room = room
        self._owed = 0
        """Messages that the server may still send for the open request."""
        self._heard = False
        self._wake = asyncio.Event()
        self._trouble = ""

    async def run(self) -> None:
        """Ask until cancelled. Raises ClusterError if the consumer is gone or does not answer."""
        inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(inbox, cb=self._arrived, pending_msgs_limit=-1)
        try:
            while True:
                await self._ask(inbox)
                await self._wait()
        finally:
            await subscription.unsubscribe()

    def more(self) -> None:
        """Ask for messages again if the last request has ended: there may be room."""
        if self._owed <= 0:
            self._wake.set()

    async def _ask(self, inbox: str) -> None:
        self._owed = max(self._room(), 0)
        self._wake.clear()
        if self._owed:
            request = {
                "batch": self._owed,
                "expires": int(_EXPIRES * 1e9),
                "idle_heartbeat": int(_HEARTBEAT * 1e9),
            }
            await self._client.publish(self._subject, msgspec.json.encode(request), reply=inbox)

    async def _wait(self) -> None:
        """Wait until the request has ended, there is room again, or a new connection has lost the request."""
        connections, silent = self._client.stats["reconnects"], 0.0
        while not self._wake.is_set():
            self._heard = False
            try:
                await asyncio.wait_for(self._wake.wait(), _LOOK)
            except TimeoutError:
                if self._client.stats["reconnects"] != connections:
                    return
                silent = 0.0 if self._heard or not self._owed else silent + _LOOK
                if silent >= _SILENCE:
                    raise ClusterError("the consumer does not answer") from None
        if self._trouble:
            raise ClusterError(self._trouble)

    async def _arrived(self, message: Msg) -> None:
        self._heard = True
        status = (message.headers or {}).get("Status")
        if status is None:
            self._owed -= 1
            await self._deliver(message)
        elif status in _ENDED:
            self._owed = 0
        elif status != "100":  # the server is alive
            self._trouble = (
                f"the consumer says {status} {(message.headers or {}).get('Description', '')}".strip()
            )
            self._owed = 0
        if self._owed <= 0:
            self._wake.set()
