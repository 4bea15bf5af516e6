"""Logging in to NATS with a .creds file, which holds a JWT and the seed of an NKEY.

The file is read for each connection, so that it can be replaced at any time. One that is missing or broken
raises an OSError, after which the client tries again.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

_LARGEST = 64 * 1024
_BLOCK = r"-{3,}BEGIN %s-{3,}\s+([A-Za-z0-9._=-]+)\s+-{3,}END"
_JWT = re.compile((_BLOCK % "NATS USER JWT").encode())
_SEED = re.compile((_BLOCK % "USER NKEY SEED").encode())


class Credentials:
    """The callbacks that a client asks for a JWT and for a signature."""

    def __init__(self, file: str) -> None:
        self._file = file

    def jwt(self) -> bytearray:
        """The user's JWT."""
        return bytearray(self._found(_JWT, "a JWT"))

    def sign(self, nonce: str) -> bytes:
        """The server's ``nonce``, signed with the seed; base64."""
        import nkeys

        seed = bytearray(self._found(_SEED, "a seed"))
        try:
            pair = nkeys.from_seed(seed)
            signed = pair.sign(nonce.encode())
            pair.wipe()
        except Exception:  # noqa: BLE001 -- nkeys has errors of many kinds; their texts may hold a part of the seed
            raise OSError(f"{self._file} holds a seed that is damaged") from None
        return base64.b64encode(signed)

    def _found(self, block: re.Pattern[bytes], name: str) -> bytes:
        with Path(self._file).open("rb") as file:
            found = block.search(file.read(_LARGEST))
        if found is None:
            raise OSError(f"{self._file} is no .creds file: it holds no block with {name}")
        return found[1]
