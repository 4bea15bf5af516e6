"""Where the daemon of a config listens.

The path is the one in the config, or is made from the config's own path, so that `monitor attach` finds the
daemon with nothing but the config's name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

SYSTEM = Path("/run/monitor")
"""The folder for daemons that belong to no login session."""


def default_socket(config: str | Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The socket of a daemon that watches ``config``, unless the config names one."""
    return _folders(environ)[0] / _name(config)


def existing_socket(config: str | Path, environ: Mapping[str, str] = os.environ) -> Path:
    """As :func:`default_socket`, for a client: the system's daemon counts if this session has none."""
    places = [folder / _name(config) for folder in _folders(environ)]
    return next((place for place in places if place.is_socket()), places[0])


def _name(config: str | Path) -> str:
    """A readable name that differs for every config on this machine."""
    # Not resolved: where configs are symbolic links that are swapped, the name has to stay.
    path = Path(config).absolute()
    return f"{path.stem[:40]}-{sha256(os.fsencode(os.path.normpath(path))).hexdigest()[:8]}.sock"


def _folders(environ: Mapping[str, str]) -> list[Path]:
    session = environ.get("XDG_RUNTIME_DIR", "")
    return [Path(session) / "monitor", SYSTEM] if session.startswith("/") else [SYSTEM]
