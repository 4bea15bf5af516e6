"""Content codings (RFC 9110, 8.4.1): decoders that never give more than they are asked for.

gzip and deflate are always there; br and zstd where the extra ``compression`` is installed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

_ZSTD_WINDOW = 8 << 20
"""Bytes: what RFC 9659 allows a sender to need."""
_ZSTD_STEP = 128
"""Bytes of zstd decoded at once: a block of 4 bytes may stand for 128 KiB."""


class Decoder(Protocol):
    """Decodes one body, piece by piece. Raises ValueError when it is broken."""

    @property
    def complete(self) -> bool:
        """Whether the coded data has come to its end."""

    def feed(self, data: bytes, room: int) -> bytes:
        """What ``data`` decodes to; once ``room`` bytes have come the rest may be dropped."""


def decoder(coding: str) -> Decoder | None:
    """A decoder for ``coding``; None for one that was never offered."""
    make = _decoders().get(coding.strip().lower())
    return make() if make else None


def accepted() -> str:
    """What can be decoded here, as ``Accept-Encoding`` says it."""
    return ", ".join(coding for coding in _decoders() if not coding.startswith("x-"))


@cache
def _decoders() -> Mapping[str, Callable[[], Decoder]]:
    found: dict[str, Callable[[], Decoder]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}
    if find_spec("brotli"):
        found["br"] = _Brotli
    if find_spec("zstandard"):
        found["zstd"] = _Zstd
    return found


class _Inflater:
    """What gzip and deflate share."""

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


class _Gzip(_Inflater):
    """RFC 1952. A file may have several members; what follows the last is padding."""

    _WINDOW = 31

    def __init__(self) -> None:
        super().__init__(self._WINDOW)

    def feed(self, data: bytes, room: int) -> bytes:
        parts = []
        while data and room > 0:
            if self._inflater.eof:
                if not data.startswith(b"\x1f"):
                    break
                self._inflater = zlib.decompressobj(self._WINDOW)
            parts.append(self._inflate(data, room))
            room -= len(parts[-1])
            data = self._inflater.unused_data or self._inflater.unconsumed_tail
        return b"".join(parts)


class _Deflate(_Inflater):
    """RFC 1950; or RFC 1951 bare, as some servers have it: the first two bytes tell."""

    def __init__(self) -> None:
        super().__init__(15)
        self._head: bytes | None = b""

    def feed(self, data: bytes, room: int) -> bytes:
        if self._head is not None:
            data = self._head = self._head + data
            if len(data) < 2:
                return b""
            if not (data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0):
                self._inflater = zlib.decompressobj(-15)
            self._head = None
        return b"" if self._inflater.eof else self._inflate(data, room)


class _Brotli:
    """RFC 7932."""

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
