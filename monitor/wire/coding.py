"""Content codings (RFC 9110, 8.4.1): decoders that never give more than they are asked for.

gzip and deflate are always there; br and zstd where the extra ``compression`` is installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

_NO_CODINGS = ("", "identity", "none")
_ZSTD_WINDOW = 8 << 20
"""The largest window in bytes that RFC 9659 allows."""
_ZSTD_STEP = 128
"""Bytes of zstd decoded at once: a block of 4 bytes may stand for 128 KiB."""


_MOST_CODINGS = 5
"""Limit of nested codings, as in curl."""
_MOST_BETWEEN = 1 << 23
"""Limit of bytes after each coding but the last, against nested bombs."""


class Decoder(Protocol):
    """Decodes one body, piece by piece. Raises ValueError when it is broken."""

    @property
    def complete(self) -> bool:
        """Whether the coded data is complete."""

    @property
    def lacks_trailer(self) -> bool:
        """Whether only the checksum at the end, or a part of it, is missing."""

    def feed(self, data: bytes, room: int) -> bytes:
        """Decode ``data``; the output beyond ``room`` bytes may be dropped."""


def decoder(codings: str) -> Decoder | None:
    """A decoder for a ``Content-Encoding``: one coding, or several in the order of their application.

    None where there is nothing to decode, or a coding that was never offered. ValueError for more
    of them than anybody means.
    """
    names = [name for name in map(str.strip, codings.lower().split(",")) if name not in _NO_CODINGS]
    made = [make() for name in reversed(names) if (make := _decoders().get(name))]
    if not made or len(made) < len(names):
        return None
    return made[0] if len(made) == 1 else _Stack(made)


@cache
def load() -> None:
    """Load the libraries of all codings now rather than in an exchange."""
    for make in _decoders().values():
        make()


def accepted() -> str:
    """The supported codings, as a value of ``Accept-Encoding``."""
    return ", ".join(coding for coding in _decoders() if not coding.startswith("x-"))


@cache
def _decoders() -> Mapping[str, Callable[[], Decoder]]:
    found: dict[str, Callable[[], Decoder]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}
    if find_spec("brotli"):
        found["br"] = _Brotli
    if find_spec("zstandard"):
        found["zstd"] = _Zstd
    return found


class _Stack:
    """Several nested codings; the first of ``decoders`` is the outermost."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        if len(decoders) > _MOST_CODINGS:
            raise ValueError(f"more than {_MOST_CODINGS} codings")
        *self._outer, self._last = decoders
        self._between = _MOST_BETWEEN

    @property
    def complete(self) -> bool:
        return all(one.complete for one in (*self._outer, self._last))

    @property
    def lacks_trailer(self) -> bool:
        return all(one.complete or one.lacks_trailer for one in (*self._outer, self._last))

    def feed(self, data: bytes, room: int) -> bytes:
        for one in self._outer:
            data = one.feed(data, self._between)
            self._between -= len(data)
            if self._between <= 0:
                raise ValueError("it unpacks to too much")
        return self._last.feed(data, room)


class _Inflater:
    """Base of gzip and deflate."""

    def __init__(self, window: int) -> None:
        self._inflater = zlib.decompressobj(window)

    @property
    def complete(self) -> bool:
        return self._inflater.eof

    def _inflate(self, data: bytes, room: int) -> bytes:
        try:
            return self._inflater.decompress(data, room)
        except zlib.error as error:
            raise ValueError(str(error)) from None

    def _ends_with(self, trailer: bytes) -> bool:
        """Whether ``trailer``, or the rest of it, is all that is missing."""
        return any(self._would_end(trailer[known:]) for known in range(len(trailer)))

    def _would_end(self, rest: bytes) -> bool:
        inflater = self._inflater.copy()
        try:
            return not inflater.decompress(rest) and inflater.eof
        except zlib.error:
            return False


class _Gzip(_Inflater):
    """RFC 1952. A file may have several members; bytes after the last one are padding.

    As in curl, the format of ``deflate`` is taken too.
    """

    _WINDOW = 47

    def __init__(self) -> None:
        super().__init__(self._WINDOW)
        self._checksum = self._size = 0
        """The checksum and the size of the present member."""

    @property
    def lacks_trailer(self) -> bool:
        trailer = self._checksum.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        return self._ends_with(trailer)

    def feed(self, data: bytes, room: int) -> bytes:
        parts = []
        while data and room > 0:
            if self._inflater.eof:
                if not data.startswith(b"\x1f"):
                    break
                self._inflater = zlib.decompressobj(self._WINDOW)
                self._checksum = self._size = 0
            part = self._inflate(data, room)
            self._checksum = zlib.crc32(part, self._checksum)
            self._size += len(part)
            parts.append(part)
            room -= len(part)
            data = self._inflater.unused_data or self._inflater.unconsumed_tail
        return b"".join(parts)


class _Deflate(_Inflater):
    """RFC 1950; or RFC 1951 bare, as some servers have it: the first two bytes tell."""

    def __init__(self) -> None:
        super().__init__(15)
        self._head: bytes | None = b""
        self._bare = False
        self._checksum = 1

    @property
    def lacks_trailer(self) -> bool:
        return not self._bare and self._ends_with(self._checksum.to_bytes(4, "big"))

    def feed(self, data: bytes, room: int) -> bytes:
        if self._head is not None:
            data = self._head = self._head + data
            if len(data) < 2:
                return b""
            if not (data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0):
                self._inflater, self._bare = zlib.decompressobj(-15), True
            self._head = None
        if self._inflater.eof:
            return b""
        part = self._inflate(data, room)
        self._checksum = zlib.adler32(part, self._checksum)
        return part


class _Brotli:
    """RFC 7932."""

    lacks_trailer = False

    def __init__(self) -> None:
        import brotli

        self._inner: Any = brotli.Decompressor()
        self._broken: type[Exception] = brotli.error

    @property
    def complete(self) -> bool:
        return bool(self._inner.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        if self.complete or not self._inner.can_accept_more_data():
            return b""
        try:
            decoded: bytes = self._inner.process(data, output_buffer_limit=room)
        except self._broken as error:
            raise ValueError(str(error)) from None
        return decoded


class _Zstd:
    """RFC 8878."""

    lacks_trailer = False

    def __init__(self) -> None:
        import zstandard

        made = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._inner: Any = made.decompressobj()
        self._broken: type[Exception] = zstandard.ZstdError

    @property
    def complete(self) -> bool:
        return bool(self._inner.eof)

    def feed(self, data: bytes, room: int) -> bytes:
        parts = []
        for at in range(0, len(data), _ZSTD_STEP):
            if room <= 0 or self.complete:
                break
            try:
                parts.append(self._inner.decompress(data[at : at + _ZSTD_STEP]))
            except self._broken as error:
                raise ValueError(str(error)) from None
            room -= len(parts[-1])
        return b"".join(parts)
