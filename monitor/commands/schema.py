"""`monitor schema`: the config's JSON Schema, for completion and checking in editors."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

NAME = "schema"
HELP = "print the config's JSON Schema, for completion and checking in editors"


def add_arguments(_parser: ArgumentParser) -> None:
    """Add nothing."""


def run(_args: Namespace) -> int:
    from monitor.config import json_schema

    json.dump(json_schema(), sys.stdout, indent=2, ensure_ascii=True)
    print()
    return 0
