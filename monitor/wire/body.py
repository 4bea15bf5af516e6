"""Reads bodies: decodes them, up to a limit.

Sans I/O: a hundred kilobytes that unpack to a gigabyte cost no more memory than the limit.
"""

from __future__ import annotations

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.coding import Decoder, decoder


class Body:
    """Collects a body of at most ``limit`` bytes, decoded as ``codings`` says.

    A body in a coding that was not offered is kept as it is.
    """

    __slots__ = ("_decoder", "_limit", "_parts", "_size", "notes", "received")

    def __init__(self, limit: int, codings: str = "") -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self.received = 0
        """Bytes fed so far, before decoding."""
        self.notes: list[str] = []
        """Deviations of the finished body from the standard."""
        self._decoder = _decoder(codings) if codings else None

    @property
    def full(self) -> bool:
        return self._size > self._limit

    def feed(self, data: bytes) -> None:
        """Add the next piece. ProbeError ``protocol_error`` if its compression is broken."""
        self.received += len(data)
        # One byte more than the limit shows that there was more.
        room = self._limit + 1 - self._size
        self._keep(data if self._decoder is None else self._decoded(data, room), room)

    def _decoded(self, data: bytes, room: int) -> bytes:
        assert self._decoder is not None
        try:
            return self._decoder.feed(data, room) if room > 0 else b""
        except ValueError:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the body's compression is broken") from None

    def _keep(self, data: bytes, room: int) -> None:
        self._parts.append(data[:room])
        self._size += len(self._parts[-1])

    def finish(self) -> bytes:
        """The body. ProbeError ``protocol_error`` when compressed data ends too early."""
        if self._decoder is not None and self.received and not self._decoder.complete and not self.full:
            if not self._decoder.lacks_trailer:
                raise ProbeError(Reason.PROTOCOL_ERROR, "the compressed body ends too early")
            self.notes.append("the checksum at the end of the compressed body is missing")
        return b"".join(self._parts)[: self._limit]


def _decoder(codings: str) -> Decoder | None:
    try:
        return decoder(codings)
    except ValueError as error:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the body has {error}") from None
