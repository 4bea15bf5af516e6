"""A NATS server of an operator: accounts and users that log in with JWTs and NKEYs."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nkeys
from natsd import Server

_UNLIMITED = dict.fromkeys(
    ("mem_storage", "disk_storage", "streams", "consumer", "max_ack_pending", "subs", "data", "payload"), -1
)
_CONNECTIONS = {"conn": -1, "leaf": -1, "imports": -1, "exports": -1, "wildcards": True}


class Key:
    """A pair of keys; ``kind`` is one of the prefixes of nkeys."""

    def __init__(self, kind: int) -> None:
        self.seed = nkeys.encode_seed(os.urandom(32), kind)
        self._pair = nkeys.from_seed(bytearray(self.seed))
        self.public = self._pair.public_key.decode()

    def signed(self, subject: str, name: str, claims: dict[str, Any], expires: float | None = None) -> str:
        """A JWT about ``subject``, issued by this key."""
        body = {"iat": int(time.time()), "iss": self.public, "sub": subject, "name": name, "jti": name}
        if expires is not None:
            body["exp"] = int(expires)
        parts = ({"typ": "JWT", "alg": "ed25519-nkey"}, {**body, "nats": {**claims, "version": 2}})
        text = b".".join(_base64(json.dumps(part).encode()) for part in parts)
        return b".".join((text, _base64(self._pair.sign(text)))).decode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Operator:
    """An operator with one account that may use JetStream, as `nsc` makes them."""

    def __init__(self) -> None:
        self._key = Key(nkeys.PREFIX_BYTE_OPERATOR)
        self._account = Key(nkeys.PREFIX_BYTE_ACCOUNT)
        self._system = Key(nkeys.PREFIX_BYTE_ACCOUNT)

    def server(self, folder: Path, config: str = "") -> Server:
        """A server that knows the accounts, with more of a config."""
        operator = self._key.signed(self._key.public, "O", {"type": "operator"})
        limits = {"limits": {**_UNLIMITED, **_CONNECTIONS}, "type": "account"}
        account = self._key.signed(self._account.public, "MONITOR", limits)
        system = self._key.signed(self._system.public, "SYS", {"type": "account"})
        preload = f"{self._account.public}: {account}\n{self._system.public}: {system}"
        return Server(
            folder,
            f"operator: {operator}\nsystem_account: {self._system.public}\nresolver: MEMORY\n"
            f"resolver_preload {{ {preload} }}\n{config}",
        )

    def user(
        self,
        file: Path,
        publish: Sequence[str] = (">",),
        subscribe: Sequence[str] = (">",),
        expires: float | None = None,
    ) -> str:
        """Write a .creds file, and return its path."""
        user = Key(nkeys.PREFIX_BYTE_USER)
        permissions = {"pub": {"allow": list(publish)}, "sub": {"allow": list(subscribe)}}
        limits = dict.fromkeys(("subs", "data", "payload"), -1)
        claims = {**permissions, **limits, "type": "user"}
        token = self._account.signed(user.public, file.stem, claims, expires)
        file.write_text(
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed.decode()}\n------END USER NKEY SEED------\n"
        )
        return str(file)
