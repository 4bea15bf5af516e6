"""The user of this dashboard."""

from __future__ import annotations

import os
import pwd
from functools import cache


@cache
def user_name() -> str:
    """The operating system's name of this process's user; the number if it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
