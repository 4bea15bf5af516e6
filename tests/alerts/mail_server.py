"""A real SMTP server that keeps what it is sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from servers import free_port

LOGIN = LoginPassword(b"alice", b"open sesame")


class Mailbox:
    """The messages, each with its recipients, and the server's answers: the last one again and again."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.answers = ["250 OK"]
        self.port = 0
        self._arrived = Condition()

    async def handle_DATA(  # noqa: N802 - the server's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        with self._arrived:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer.startswith("250"):
                self.received.append((envelope.rcpt_tos, message))
            self._arrived.notify_all()
        return answer

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address.startswith("nobody@"):
            return "550 no such user hunter2"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def wait(self, count: int, seconds: float = 20.0) -> list[EmailMessage]:
        """The messages, once ``count`` of them have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, seconds)
            return [message for _, message in self.received]


def _authenticate(_server: object, _session: object, _envelope: object, _how: str, login: Any) -> AuthResult:
    return AuthResult(success=login == LOGIN, handled=False)


@contextmanager
def mailbox(certificate: str = "", *, at_once: bool = False) -> Iterator[Mailbox]:
    """A server; with a certificate it has TLS from the first byte, or demands STARTTLS and a login."""
    box, keys = Mailbox(), {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        keys = {"ssl_context" if at_once else "tls_context": context, "authenticator": _authenticate}
        keys |= dict.fromkeys(("auth_required", "require_starttls", "auth_require_tls"), not at_once)
    server = Controller(box, hostname="127.0.0.1", port=free_port(), **keys)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()
