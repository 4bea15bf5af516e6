"""The path of a daemon's socket.

Unless the config sets one, the path is derived from the config's own path, so that `monitor attach -c FILE`
finds the daemon.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

SYSTEM = Path("/run/monitor")
"""The folder for daemons outside a login session."""


def default_socket(config: str | Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The socket of the daemon of ``config``, unless the config sets one."""
    return _folders(environ)[0] / _name(config)


def existing_socket(config: str | Path, environ: Mapping[str, str] = os.environ) -> Path:
    """As :func:`default_socket`, for a client: falls back to the system's daemon if the session has none."""
    places = [folder / _name(config) for folder in _folders(environ)]
    return next((place for place in places if place.is_socket()), places[0])


def _name(config: str | Path) -> str:
    """A readable file name, unique for every config path on this machine."""
    # Symbolic links are not resolved: the name stays when a deployment swaps the link.
    path = Path(config).absolute()
    return f"{path.stem[:40]}-{sha256(os.fsencode(os.path.normpath(path))).hexdigest()[:8]}.sock"


def _folders(environ: Mapping[str, str]) -> list[Path]:
    session = environ.get("XDG_RUNTIME_DIR", "")
    return [Path(session) / "monitor", SYSTEM] if session.startswith("/") else [SYSTEM]
