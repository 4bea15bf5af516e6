"""Messages over an open WebSocket (RFC 6455, section 5)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.wire.connection import Connection
from monitor.wire.read_budget import ReadBudget

_LONGEST = 1 << 20
"""Limit of a message in bytes."""
_FRAME = 2
"""Minimum bytes of a frame besides its payload."""
PIECE = 512
"""Limit of bytes to read at once: two make a frame, and all are handled in one turn."""
_NORMAL = 1000
"""The code of a closure without trouble."""
_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class Talk:
    """The messages of an open WebSocket, framed by ``websockets`` over our own connection."""

    def __init__(self, connection: Connection, rest: bytes) -> None:
        """``rest`` has the bytes received after the upgrade."""
        self._connection = connection
        self._protocol = Protocol(CLIENT, state=OPEN, max_size=_LONGEST)
        self._protocol.receive_data(rest)
        self._parts: list[bytes] = []
        self._budget = ReadBudget()

    async def send(self, text: str) -> None:
        """Send a text message, unless the server has closed already."""
        if self._protocol.state is OPEN:
            self._protocol.send_text(text.encode())
        await self._flush()

    async def close(self) -> None:
        """Close the WebSocket, unless the server has closed it."""
        if self._protocol.state is OPEN:
            self._protocol.send_close(_NORMAL)
        await self._connection.farewell(b"".join(self._protocol.data_to_send()))

    async def _flush(self) -> None:
        if due := b"".join(self._protocol.data_to_send()):  # pongs are among it
            await self._connection.write(due)

    async def messages(self) -> AsyncIterator[bytes]:
        """Each received message, until the server closes."""
        while True:
            for event in self._protocol.events_received():
                assert isinstance(event, Frame)
                await self._budget.take(len(event.data) + _FRAME)
                if event.opcode is Opcode.CLOSE:
                    return
                if event.opcode in _DATA and (message := self._joined(event)) is not None:
                    yield message
            self._check()
            await self._flush()
            if data := await self._connection.read(PIECE):
                self._protocol.receive_data(data)
            else:
                raise ProbeError(Reason.PROTOCOL_ERROR, "the server closed the connection early")

    def _joined(self, frame: Frame) -> bytes | None:
        """The message that ``frame`` ends, if it does."""
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        message = b"".join(self._parts)
        self._parts.clear()
        return message

    def _check(self) -> None:
        broken = self._protocol.parser_exc
        if broken is not None:
            words = plain(str(broken)) or type(broken).__name__
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the server breaks WebSocket: {words}")
