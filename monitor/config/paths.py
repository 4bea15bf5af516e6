"""File names as users write them. Pure, but for the home folders of users."""

from __future__ import annotations

import os
from pathlib import Path

_LONGEST, _LONGEST_NAME = 4095, 255
"""Limits of a path and of each of its names in bytes (PATH_MAX and NAME_MAX of Linux)."""


def user_path(text: str, folder: Path = Path()) -> Path:
    """The file called ``text`` in ``folder``; ``~`` and ``~user`` are home folders.

    Raises ValueError, without quoting ``text``, for a name that no file can have.
    """
    if "\0" in text:
        raise ValueError("has a NUL character, which no file name may have")
    try:
        file = folder / Path(text).expanduser()
    except RuntimeError:
        raise ValueError("begins with the home folder of a user whom this machine does not know") from None
    names = map(os.fsencode, file.parts)
    if len(os.fsencode(file)) > _LONGEST or any(len(name) > _LONGEST_NAME for name in names):
        raise ValueError("is too long for the name of a file")
    return file


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder, as far as this user may know."""
    try:
        return path.is_dir()
    except OSError:
        return False
