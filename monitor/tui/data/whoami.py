"""Who sits in front of this dashboard."""

from __future__ import annotations

import os
import pwd
from functools import cache


@cache
def user_name() -> str:
    """The operating system's name of the user that this process runs as; the number where it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
