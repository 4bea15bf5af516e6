"""The server's end of a TLS session in memory."""

import ssl
from contextlib import suppress
from typing import Protocol

from monitor.demo.certs import Authority


class Client(Protocol):
    """Our end."""

    def outgoing(self) -> bytes: ...
    def feed(self, data: bytes) -> None: ...
    def shake_hands(self) -> bool: ...


class Server:
    """The other end."""

    def __init__(self, authority: Authority, kind: str = "valid") -> None:
        made = authority.server_context(kind)
        made.set_alpn_protocols(["h2", "http/1.1"])
        self.begin(made)

    def begin(self, context: ssl.SSLContext) -> None:
        """Wait for a client, with these settings."""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def hears(self, client: Client) -> None:
        self.incoming.write(client.outgoing())

    def answers(self, client: Client) -> None:
        client.feed(self.outgoing.read())

    def meets(self, client: Client) -> None:
        """Shake hands, as far as both can. Raises what ``client`` raises."""
        while not client.shake_hands():
            self.hears(client)
            with suppress(ssl.SSLError):  # the alert goes to the client
                self.session.do_handshake()
            self.answers(client)
        self.hears(client)
        self.session.do_handshake()
