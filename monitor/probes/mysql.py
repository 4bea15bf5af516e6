"""MySQL and MariaDB: a login and a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes import _mysql_login as login
from monitor.probes._database import DatabaseProbe, Table
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection
from monitor.wire.read_budget import ReadBudget

_LONGEST = 0xFFFFFF - 1
"""Bytes of one packet; a longer one would continue in the next packet."""
_LONGEST_OF_LOGIN = 1 << 16
"""Limit of a login's packets: lower, so that a server of another protocol is recognised at once."""
_UTF8 = 45
_WITH_DATABASE, _SSL = 0x8, 0x800
_CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000
"""The client's flags: long passwords, protocol 4.1, transactions, secure logins, login plugins."""
_OK, _MORE, _NULL, _EOF, _ERROR = 0x00, 0x01, 0xFB, 0xFE, 0xFF
_LENGTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}
_MOST_COLUMNS = 4096
_REFUSED = frozenset({1044, 1045, 1130, 1251, 1698, 1820, 1862, 3118, 4151})
"""Errors of wrong or expired passwords, of hosts and databases not allowed, and of locked accounts."""
_KNOWN, _UNKNOWN = b"\x03", b"\x04"
"""Whether caching_sha2_password knows the hash of the password."""
_QUERY, _QUIT = b"\x03", b"\x01"


@dataclass(frozen=True, kw_only=True)
class Mysql(DatabaseProbe):
    """Logs in (default user ``root``) by native password, SHA-2 or Ed25519, and runs a query."""

    kind: ClassVar[str] = "mysql"
    schemes: ClassVar[tuple[str, ...]] = ("mysql",)
    default_port: ClassVar[int | None] = 3306
    default_user: ClassVar[str] = "root"

    async def converse(self, trace: Trace, *, tls: bool) -> str:
        with await self.connect(trace) as connection:
            trace.enter(Phase.LOGIN)
            session = _Session(connection)
            greeting = await session.greeting()
            secure = tls and await self._secure(session, greeting, connection, trace)
            trace.enter(Phase.LOGIN)
            await session.log_in(*self.login, self.database, greeting, secure=secure)
            trace.enter(Phase.WAIT)
            table = await session.ask(self.query, trace)
            trace.finish()
            await connection.farewell(session.packet(_QUIT, 0))
        return plain(f"{greeting.product}, {table.note(trace)}")

    async def _secure(
        self, session: _Session, greeting: _Greeting, connection: Connection, trace: Trace
    ) -> bool:
        """Turn TLS on if the server offers it. Return whether it is on."""
        if not greeting.offers_tls:
            if self.tls_required:
                raise ProbeError(Reason.TLS_ERROR, "the server has TLS turned off")
            return False
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
    """The beginning of a login and of a request for TLS; MariaDB uses the capabilities of the request."""
    capabilities = _CAPABILITIES | (_SSL if tls else 0) | (_WITH_DATABASE if database else 0)
    return capabilities.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + bytes([_UTF8]) + bytes(23)


def _counted(data: bytes) -> bytes:
    """``data`` with its length in one byte before it; empty if it is too long."""
    return bytes([len(data)]) + data if len(data) < 256 else b"\0"


class _Session:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._budget = ReadBudget()
        self._sequence = 0

    @staticmethod
    def packet(data: bytes, sequence: int) -> bytes:
        return len(data).to_bytes(3, "little") + bytes([sequence & 0xFF]) + data

    async def send(self, data: bytes) -> None:
        await self._connection.write(self.packet(data, self._sequence))
        self._sequence += 1

    async def receive(self, longest: int = _LONGEST_OF_LOGIN) -> bytes:
        head = await self._connection.read_exactly(4)
        length = int.from_bytes(head[:3], "little")
        if not 0 < length <= longest:
            raise _not_mysql()
        self._sequence = head[3] + 1
        await self._budget.take(length + len(head))
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
        plugin, nonce, secret = greeting.plugin, greeting.nonce, password.encode()
        known = plugin in (login.NATIVE, login.CACHING, login.SHA256)
        response = login.first_response(plugin, secret, nonce, secure=secure) if known else b""
        words = [user.encode(), b"\0", _counted(response)]
        words += [database.encode(), b"\0"] if database else []
        await self.send(b"".join((_head(database, tls=secure), *words, plugin.encode(), b"\0")))
        while (answer := await self.receive())[0] != _OK:
            if answer[0] == _EOF:
                name, _, data = answer[1:].partition(b"\0")
                plugin = decode(name)
                login.check(plugin)
                nonce = login.nonce_of(plugin, data)
                await self.send(login.first_response(plugin, secret, nonce, secure=secure))
            elif answer[0] == _MORE and plugin == login.CACHING:
                await self._more(answer[1:], secret, nonce, secure)
            elif answer[0] == _MORE and plugin == login.SHA256 and not secure:
                await self.send(login.encrypted(secret, nonce, answer[1:]))
            else:
                raise _not_mysql()

    async def _more(self, data: bytes, password: bytes, nonce: bytes, secure: bool) -> None:
        """Send the password itself, over TLS or encrypted with RSA, if the server does not know its hash."""
        if data == _KNOWN:
            return
        if data != _UNKNOWN:
            raise _not_mysql()
        if secure:
            await self.send(login.whole(password))
            return
        await self.send(login.KEY_REQUESTS[login.CACHING])
        pem = (await self.receive())[1:]
        await self.send(login.encrypted(password, nonce, pem))

    async def ask(self, query: str, trace: Trace) -> Table:
        self._sequence = 0
        await self.send(_QUERY + query.encode())
        first = await self.receive()
        trace.enter(Phase.TRANSFER)
        if first[0] == _OK:
            return Table(_cells)
        columns, _ = _length(first, 0)
        if columns is None:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server asks for a file of ours; it gets none")
        if columns > _MOST_COLUMNS:
            raise _not_mysql()
        for _ in range(columns + 1):
            await self.receive()  # the columns' definitions, and their end
        table = Table(partial(_cells, most=columns))
        while not ((row := await self.receive(_LONGEST))[0] == _EOF and len(row) < 9):
            table.add(row)
        return table


def _cells(row: bytes, most: int = _MOST_COLUMNS) -> Sequence[bytes | None]:
    """The columns of a row, ``most`` of them, as text; None for NULL."""
    cells: list[bytes | None] = []
    at = 0
    while at < len(row) and len(cells) < most:
        length, begin = _length(row, at)
        at = begin + (length or 0)
        cells.append(None if length is None else row[begin:at])
    if at != len(row):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server sent a broken row")
    return cells


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """The length-encoded number at ``at`` (None for NULL), and where it ends."""
    first = data[at]
    size = _LENGTHS.get(first, 0)
    end = at + 1 + size
    if first == _NULL:
        return None, end
    return int.from_bytes(data[at + 1 : end], "little") if size else first, end


def _error(data: bytes) -> ProbeError:
    code = int.from_bytes(data[1:3], "little")
    said = decode(data[9:] if data[3:4] == b"#" else data[3:])
    reason = Reason.AUTH_ERROR if code in _REFUSED else Reason.PROTOCOL_ERROR
    return ProbeError(reason, plain(f"the server refused: {said} ({code})"))


def _not_mysql() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak MySQL's protocol")
