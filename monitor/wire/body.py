"""Bodies as they are read: decompressed, and never more of them than was asked for.

Sans I/O: a hundred kilobytes that unpack to a gigabyte cost no more memory than the limit.
"""

from __future__ import annotations

import zlib

from monitor.errors import ProbeError
from monitor.model import Reason

ACCEPTED = "gzip, deflate"
"""What :class:`Body` can decode, as ``Accept-Encoding`` says it."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
_CODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


class Body:
    """Collects a body of at most ``limit`` bytes, decompressed as ``encoding`` says.

    What comes in an encoding that was not offered is kept as it is.
    """

    __slots__ = ("_coding", "_fed", "_inflater", "_limit", "_parts", "_size", "received")

    def __init__(self, limit: int, encoding: str = "") -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._fed = False
        self.received = 0
        """Bytes fed so far, as they were on the wire."""
        self._coding = _CODINGS.get(encoding.strip().lower()) if encoding else None
        self._inflater = None if self._coding is None else zlib.decompressobj(self._coding)

    @property
    def full(self) -> bool:
        return self._size > self._limit

    def feed(self, data: bytes) -> None:
        """Take the next piece. ProbeError ``protocol_error`` when its compression is broken."""
        self.received += len(data)
        if self._inflater is None:
            self._keep(data)
        else:
            self._inflate(data)

    def finish(self) -> bytes:
        """The body. ProbeError ``protocol_error`` when compressed data ends too early."""
        inflater = self._inflater
        if inflater is not None and self._fed and not inflater.eof and not self.full:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the compressed body ends too early")
        return b"".join(self._parts)[: self._limit]

    def _keep(self, data: bytes) -> None:
        # One byte more than the limit tells that there was more.
        self._parts.append(data[: self._limit + 1 - self._size])
        self._size += len(self._parts[-1])

    def _inflate(self, data: bytes) -> None:
        assert self._coding is not None
        while data and not self.full:
            assert self._inflater is not None
            if self._inflater.eof:  # a gzip file may have several members (RFC 1952, 2.2)
                if self._coding != _GZIP or not data.startswith(b"\x1f"):
                    return
                self._inflater = zlib.decompressobj(_GZIP)
            self._keep(self._decompressed(data))
            data = self._inflater.unused_data or self._inflater.unconsumed_tail

    def _decompressed(self, data: bytes) -> bytes:
        assert self._inflater is not None
        room = self._limit + 1 - self._size
        first, self._fed = not self._fed, True
        try:
            return self._inflater.decompress(data, room)
        except zlib.error:
            if not first or self._coding != _ZLIB:
                raise ProbeError(Reason.PROTOCOL_ERROR, "the body's compression is broken") from None
        # Some servers send "deflate" without the zlib wrapping that RFC 9110, 8.4.1.2 wants.
        self._coding, self._inflater, self._fed = _RAW, zlib.decompressobj(_RAW), False
        return self._decompressed(data)
