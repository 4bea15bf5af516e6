"""HTTP/1.1: one exchange over a connection, and the reader of responses behind it.

The reader is sans I/O: it is fed bytes, and says when the response is complete.
"""

from __future__ import annotations

import re

from httptools import (  # type: ignore[attr-defined, unused-ignore]
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpResponseParser,
)

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.trace import Trace
from monitor.wire.body import Body
from monitor.wire.connection import Connection
from monitor.wire.messages import Response, joined

HEAD_LIMIT = 65536
"""Bytes that status line and headers may take, those of informational responses included."""
MOST_HEADERS = 256
_SWITCHING = 101
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HEAD_END = re.compile(rb"\r?\n(?=\r?\n)")
_LENGTH = re.compile(rb"^content-length[ \t]*:([^\r\n]*)\r?\n(?![ \t])", re.IGNORECASE | re.MULTILINE)
_LENIENCIES = {
    "lenient_headers": True,  # continuation lines; the control characters that it means too are refused below
    "lenient_optional_cr_before_lf": True,
    "lenient_chunked_length": True,  # a length beside chunks, which count
    "lenient_spaces_after_chunk_size": True,
}
"""What browsers, curl and Go read, though servers should not say it (RFC 9112, 2.2, 5.2, 6.3, 7.1)."""


async def exchange(
    connection: Connection, request: bytes, method: str, trace: Trace, max_body: int
) -> Response:
    """Send ``request`` and read its final response, with at most ``max_body`` bytes of its body.

    Phases: ``wait`` until the first byte of the answer, sending included; then ``transfer``.
    Raises ProbeError: ``protocol_error``, ``connection_reset`` …
    """
    trace.enter("wait")
    await connection.write(request)
    data = await connection.read()
    if data:
        trace.enter("transfer")
    reader = ResponseReader(method, max_body)
    while not reader.feed(data):
        data = await connection.read()
    trace.enter(None)
    return reader.response()


class _Enough(Exception):  # noqa: N818 -- not an error: stops the parser
    """Nothing that follows belongs to this response."""


class ResponseReader:
    """Reads the final response to one request. Sans I/O; keeps a bounded part of what it is fed.

    Raises nothing but ProbeError ``protocol_error``.
    """

    __slots__ = (
        "_body",
        "_count",
        "_fed",
        "_head",
        "_in_body",
        "_length",
        "_method",
        "_parser",
        "_phrase",
        "_reusable",
        "_status",
        "_to_the_end",
        "finished",
        "headers",
        "max_body",
    )

    def __init__(self, method: str, max_body: int) -> None:
        self.max_body = max_body
        self.headers: list[tuple[str, str]] = []
        self.finished = False
        self._method = method
        self._parser = self._new_parser()
        self._head: list[bytes] | None = []  # as it came, to be read a second time
        self._phrase = b""
        self._status = self._fed = self._count = 0
        self._in_body = self._to_the_end = self._reusable = False
        self._length: str | None = None
        self._body = Body(max_body)

    def _new_parser(self) -> HttpResponseParser:
        parser = HttpResponseParser(self)
        parser.set_dangerous_leniencies(**_LENIENCIES)
        return parser

    def feed(self, data: bytes) -> bool:
        """Take what was read, ``b""`` for the end of the stream; whether the response is complete."""
        if not data:
            self._end()
            return True
        self._fed += len(data)
        if self._head is not None:
            self._head.append(data)
        anew: bytes | None = None
        try:
            self._parser.feed_data(data)
        except HttpParserCallbackError as error:
            self._stopped(error.__context__)
        except HttpParserUpgrade:
            self.finished = True
        except HttpParserError as error:
            anew = b"" if self.finished else self._anew(error)
            if anew is None:
                raise _broken(error, self._fed, data) from None
        if anew:
            return self._start_anew(anew)
        if not self._in_body and self._fed > HEAD_LIMIT:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the headers are longer than {HEAD_LIMIT} bytes")
        return self.finished

    def response(self) -> Response:
        """The response, once it is complete; to be asked for once."""
        version = self._parser.get_http_version()
        del self._parser  # it holds this reader, and would keep it until the collector comes
        return Response(
            status=self._status,
            phrase=self._phrase.decode("latin-1"),
            version=version,
            headers=self.headers,
            body=self._body.finish(),
            reusable=self._reusable,
        )

    def _anew(self, error: HttpParserError) -> bytes | None:
        """What to read instead of all that came; empty while the head goes on, None where nothing helps.

        A length that is said twice, and alike, is good (RFC 9110, 8.6); the parser takes one only.
        """
        if self._head is None or "Content-Length" not in str(error):
            return None
        whole = b"".join(self._head)
        end = _HEAD_END.search(whole)
        if end is None:
            return b""
        head = _with_one_length(whole[: end.end()])
        return None if head is None else head + whole[end.end() :]

    def _start_anew(self, data: bytes) -> bool:
        self._head = None
        self.headers.clear()
        self._phrase = b""
        self._fed = self._count = 0
        self._parser = self._new_parser()
        return self.feed(data)

    def _stopped(self, cause: BaseException | None) -> None:
        if not isinstance(cause, _Enough):
            assert cause is not None
            raise cause from None
        self._reusable = False  # whatever follows, this connection is of no use any more

    def _end(self) -> None:
        if not self._fed:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server closed the connection without an answer")
        if not self._in_body:
            raise _early("in the middle of the headers")
        if self._to_the_end:
            self.finished = True
        elif self._length is not None:
            raise _early(f"after {self._body.received} of {plain(self._length)} bytes of the body")
        else:
            raise _early(f"in the middle of a chunked body, after {self._body.received} bytes")

    # ── what the parser calls ───────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        if self.finished:
            raise _Enough

    def on_status(self, phrase: bytes) -> None:
        self._phrase += phrase

    def on_header(self, name: bytes, value: bytes | None) -> None:
        self._count += 1
        if self._count > MOST_HEADERS:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"more than {MOST_HEADERS} headers")
        text = (value or b"").decode("latin-1")
        if not text.isprintable() and _CONTROL.search(text):
            raise ProbeError(Reason.PROTOCOL_ERROR, "the answer breaks HTTP: control character in a header")
        if not self._in_body:  # else a trailer
            self.headers.append((name.decode("latin-1").lower(), text.strip(" \t")))

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        if self._status < 100:
            raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer breaks HTTP: status {self._status:03}")
        if self._status < 200 and self._status != _SWITCHING:
            return
        self._in_body = True
        self._head = None
        fields = joined(self.headers)
        coding = fields.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise ProbeError(Reason.PROTOCOL_ERROR, f"unknown transfer encoding {plain(coding)!r}")
        self._length = fields.get("content-length") if coding is None else None
        self._to_the_end = self._length is None and coding is None
        if self._method == "HEAD" or self._status == _SWITCHING:
            self.finished = True
            raise _Enough
        self._body = Body(self.max_body, fields.get("content-encoding", ""))

    def on_body(self, data: bytes) -> None:
        self._body.feed(data)
        if self._body.full:
            self.finished = True
            raise _Enough

    def on_message_complete(self) -> None:
        if self._in_body:
            self.finished = True
            self._reusable = self._parser.should_keep_alive()
        else:  # informational; the real one follows
            self.headers.clear()
            self._phrase = b""


def _with_one_length(head: bytes) -> bytes | None:
    """``head`` with its length said once; None when it says different ones."""
    lengths = {one.strip() for said in _LENGTH.findall(head) for one in said.split(b",")}
    if len(lengths) != 1:
        return None
    lines = iter([b"Content-Length: %s\r\n" % lengths.pop()])
    return _LENGTH.sub(lambda _: next(lines, b""), head)


def _early(where: str) -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, f"the server closed the connection {where}")


def _broken(error: HttpParserError, fed: int, data: bytes) -> ProbeError:
    words = plain(str(error))
    if fed == len(data) and not data.startswith(b"HTTP/"):
        begins = plain(data[:40].decode("latin-1"), 40)
        return ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not HTTP: it begins with {begins!r}")
    return ProbeError(Reason.PROTOCOL_ERROR, f"the answer breaks HTTP: {words[:1].lower()}{words[1:]}")
