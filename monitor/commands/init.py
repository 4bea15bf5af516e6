"""`monitor init`: a commented config to begin with."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "init"
HELP = "write a commented config; never overwrites a file"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        default="monitor.toml",
        metavar="FILE",
        help="default: ./monitor.toml; - is standard output",
    )


def run(args: Namespace) -> int:
    from monitor.config import starter
    from monitor.errors import UsageError

    if args.file == "-":
        sys.stdout.write(starter())
        return 0
    file = Path(args.file)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(starter())
    except FileExistsError:
        raise UsageError(f"{file} exists and was not changed") from None
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from None
    option = "" if args.file == "monitor.toml" else f" -c {file}"
    print(f"wrote {file}; now edit it, and run: monitor check{option}", file=sys.stderr)
    return 0
