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

    __slots__ = ("_coding", "_fed", "_head", "_inflater", "_limit", "_parts", "_size", "received")

    def __init__(self, limit: int, encoding: str = "") -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._fed = False
        self.received = 0
        """Bytes fed so far, as they were on the wire."""
        self._coding = _CODINGS.get(encoding.strip().lower()) if encoding else None
        self._inflater = zlib.decompressobj(_GZIP) if self._coding == _GZIP else None
        self._head = b""

    @property
    def full(self) -> bool:
        return self._size > self._limit

    def feed(self, data: bytes) -> None:
        """Take the next piece. ProbeError ``protocol_error`` when its compression is broken."""
        self.received += len(data)
        if self._coding is None:
            self._keep(data)
        elif self._inflater is None:
            self._choose(data)
        else:
            self._inflate(data)

    def _choose(self, data: bytes) -> None:
        """Some servers send "deflate" without the zlib format that RFC 9110, 8.4.1.2 wants: look first."""
        self._head += data
        if len(self._head) >= 2:
            self._coding = _ZLIB if _is_zlib(self._head) else _RAW
            self._inflater = zlib.decompressobj(self._coding)
            self._inflate(self._head)

    def finish(self) -> bytes:
        """The body. ProbeError ``protocol_error`` when compressed data ends too early."""
        inflater = self._inflater
        cut = not inflater.eof and self._fed if inflater else bool(self._head)
        if cut and not self.full:
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
        self._fed = True
        try:
            return self._inflater.decompress(data, self._limit + 1 - self._size)
        except zlib.error:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the body's compression is broken") from None


def _is_zlib(head: bytes) -> bool:
    """Whether ``head`` is how zlib's format begins (RFC 1950, 2.2)."""
    return head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
