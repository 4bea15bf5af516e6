"""BER (X.690): the parts that LDAP's bind and StartTLS need."""

from __future__ import annotations

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.connection import Connection

SEQUENCE, INTEGER, OCTETS, ENUMERATED = 0x30, 0x02, 0x04, 0x0A
LONGEST = 65536
"""Limit of a message in bytes."""


def tlv(tag: int, content: bytes) -> bytes:
    """One element: tag, length, content."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


async def read_message(connection: Connection) -> bytes:
    """Read a sequence, and return its content. ProbeError ``protocol_error`` if anything else arrives."""
    tag, length = await connection.read_exactly(2)
    if tag != SEQUENCE:
        raise not_ldap()
    if length & 0x80:
        length = int.from_bytes(await connection.read_exactly(min(length & 0x7F, 8)), "big")
    if length > LONGEST:
        raise not_ldap()
    return await connection.read_exactly(length)


def take(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element in ``data``, and the rest behind it."""
    if len(data) < 2 or data[0] != tag:
        raise not_ldap()
    length, at = data[1], 2
    if length & 0x80:
        at = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:at], "big")
    if at + length > len(data):
        raise not_ldap()
    return data[at : at + length], data[at + length :]


def not_ldap() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak LDAP")
