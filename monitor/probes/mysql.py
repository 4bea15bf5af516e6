"""MySQL and MariaDB: does it let us in, and does a query give what is expected?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any, ClassVar, cast

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes._database import DatabaseProbe, Table
from monitor.redact import shown
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.connection import Connection

_LONGEST = 1 << 20
"""Bytes of one packet that we read."""
_UTF8 = 45
_WITH_DATABASE, _SSL = 0x8, 0x800
_CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000
"""Long passwords, protocol 4.1, transactions, secure logins, login plugins."""
_OK, _MORE, _NULL, _EOF, _ERROR = 0x00, 0x01, 0xFB, 0xFE, 0xFF
_REFUSED = frozenset({1044, 1045, 1698, 1251, 1130})
_QUERY, _QUIT = b"\x03", b"\x01"


@dataclass(frozen=True, kw_only=True)
class Mysql(DatabaseProbe):
    """Logs in (native password or caching SHA-2) and runs a query."""

    kind: ClassVar[str] = "mysql"
    schemes: ClassVar[tuple[str, ...]] = ("mysql",)
    default_port: ClassVar[int | None] = 3306

    async def check(self, trace: Trace) -> str:
        trace.asked = shown(self.query)
        with await self.connect(trace) as connection:
            trace.enter("login")
            session = _Session(connection)
            greeting = await session.greeting()
            secure = await self._secure(session, greeting, connection, trace)
            trace.enter("login")
            user, password = self.credentials or ("root", "")
            await session.log_in(user, password, self.database, greeting, secure=secure)
            trace.enter("wait")
            table = await session.ask(self.query)
            trace.enter(None)
            await connection.farewell(session.packet(_QUIT, 0))
        return plain(f"{greeting.product}, {table.note(trace)}")

    async def _secure(
        self, session: _Session, greeting: _Greeting, connection: Connection, trace: Trace
    ) -> bool:
        """Turn TLS on where that is asked for and offered; whether it is on."""
        if self.mode == "disable" or (self.mode == "prefer" and not greeting.offers_tls):
            return False
        if not greeting.offers_tls:
            raise ProbeError(Reason.TLS_ERROR, "the server has TLS turned off")
        await session.send(_head(self.database, tls=True))
        await self.secure_as_asked(connection, trace)
        return True


# ── the protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html ──────────


@dataclass
class _Greeting:
    version: str
    nonce: bytes
    plugin: str
    capabilities: int

    @property
    def offers_tls(self) -> bool:
        return bool(self.capabilities & _SSL)

    @property
    def product(self) -> str:
        name, _, more = self.version.removeprefix("5.5.5-").partition("-")
        return f"{'MariaDB' if 'MariaDB' in more else 'MySQL'} {name}"


def _head(database: str, *, tls: bool) -> bytes:
    """What a login begins with, and a request for TLS: MariaDB goes by what the latter claims."""
    capabilities = _CAPABILITIES | (_SSL if tls else 0) | (_WITH_DATABASE if database else 0)
    return capabilities.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + bytes([_UTF8]) + bytes(23)


class _Session:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sequence = 0

    @staticmethod
    def packet(data: bytes, sequence: int) -> bytes:
        return len(data).to_bytes(3, "little") + bytes([sequence & 0xFF]) + data

    async def send(self, data: bytes) -> None:
        await self._connection.write(self.packet(data, self._sequence))
        self._sequence += 1

    async def receive(self) -> bytes:
        head = await self._connection.read_exactly(4)
        length = int.from_bytes(head[:3], "little")
        if not 0 < length <= _LONGEST:
            raise _not_mysql()
        self._sequence = head[3] + 1
        data = await self._connection.read_exactly(length)
        if data[0] == _ERROR:
            raise _error(data)
        return data

    async def greeting(self) -> _Greeting:
        data = await self.receive()
        end = data.find(b"\0", 1)
        if data[0] != 10 or end < 0 or len(data) < end + 45:
            raise _not_mysql()
        rest = data[end + 1 :]
        capabilities = int.from_bytes(rest[13:15] + rest[18:20], "little")
        nonce = rest[4:12] + rest[31 : 31 + 12]
        plugin = decode(rest[44:].partition(b"\0")[0]) or "mysql_native_password"
        return _Greeting(decode(data[1:end]), nonce, plugin, capabilities)

    async def log_in(
        self, user: str, password: str, database: str, greeting: _Greeting, *, secure: bool
    ) -> None:
        plugin, nonce = greeting.plugin, greeting.nonce
        response = _response(plugin, password, nonce) if plugin in _PLUGINS else b""
        words = [user.encode(), b"\0", bytes([len(response)]), response]
        words += [database.encode(), b"\0"] if database else []
        await self.send(b"".join((_head(database, tls=secure), *words, plugin.encode(), b"\0")))
        while (answer := await self.receive())[0] != _OK:
            if answer[0] == _EOF:
                name, _, data = answer[1:].partition(b"\0")
                plugin, nonce = decode(name), data[:20]
                await self.send(_response(plugin, password, nonce))
            elif answer[0] == _MORE:
                await self._more(answer[1:], password, nonce, secure)
            else:
                raise _not_mysql()

    async def _more(self, data: bytes, password: str, nonce: bytes, secure: bool) -> None:
        """caching_sha2_password: 3 is fine, 4 wants the password itself, TLS or RSA around it."""
        if data[:1] == b"\x03":
            return
        whole = password.encode() + b"\0"
        if secure:
            await self.send(whole)
            return
        await self.send(b"\x02")
        pem = (await self.receive())[1:]
        await self.send(_encrypted(bytes(a ^ b for a, b in zip(whole, cycle(nonce), strict=False)), pem))

    async def ask(self, query: str) -> Table:
        self._sequence = 0
        await self.send(_QUERY + query.encode())
        try:
            return await self._table()
        except _ServerError as error:
            raise ProbeError(Reason.VALUE_MISMATCH, f"the query failed: {error.message}") from None

    async def _table(self) -> Table:
        table, first = Table(), await self.receive()
        if first[0] == _OK:
            return table
        if first[0] >= _NULL:
            raise _not_mysql()
        for _ in range(first[0]):
            await self.receive()  # a column's definition
        await self.receive()
        while not ((row := await self.receive())[0] == _EOF and len(row) < 9):
            table.add(_first_cell(row))
        return table


def _first_cell(row: bytes) -> str | None:
    sizes = {0xFC: 2, 0xFD: 3, 0xFE: 8}
    if row[0] == _NULL:
        return None
    size = sizes.get(row[0], 0)
    length = int.from_bytes(row[1 : 1 + size], "little") if size else row[0]
    return decode(row[1 + size : 1 + size + length])


def _native(password: bytes, nonce: bytes) -> bytes:
    inner = hashlib.sha1(password, usedforsecurity=False).digest()
    twice = hashlib.sha1(inner, usedforsecurity=False).digest()
    mask = hashlib.sha1(nonce + twice, usedforsecurity=False).digest()
    return bytes(one ^ other for one, other in zip(inner, mask, strict=True))


def _caching_sha2(password: bytes, nonce: bytes) -> bytes:
    inner = hashlib.sha256(password).digest()
    mask = hashlib.sha256(hashlib.sha256(inner).digest() + nonce).digest()
    return bytes(one ^ other for one, other in zip(inner, mask, strict=True))


_PLUGINS: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    "mysql_native_password": _native,
    "caching_sha2_password": _caching_sha2,
}


def _response(plugin: str, password: str, nonce: bytes) -> bytes:
    if plugin not in _PLUGINS:
        told = plain(plugin, 60)
        raise ProbeError(Reason.AUTH_ERROR, f"the server wants the login plugin {told!r}, which we lack")
    return _PLUGINS[plugin](password.encode(), nonce) if password else b""


def _encrypted(data: bytes, pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        key = cast(rsa.RSAPublicKey, serialization.load_pem_public_key(pem))
        mask: Any = padding.MGF1(hashes.SHA1())  # noqa: S303 -- as MySQL has it
        return key.encrypt(data, padding.OAEP(mask, hashes.SHA1(), None))  # noqa: S303
    except (ValueError, AttributeError):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server sent no RSA key for the password") from None


class _ServerError(ProbeError):
    """An error packet."""


def _error(data: bytes) -> _ServerError:
    code = int.from_bytes(data[1:3], "little")
    said = decode(data[9:] if data[3:4] == b"#" else data[3:])
    reason = Reason.AUTH_ERROR if code in _REFUSED else Reason.PROTOCOL_ERROR
    return _ServerError(reason, plain(f"{said} ({code})"))


def _not_mysql() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak MySQL's protocol")
