"""What others take for the same requests: a bare C client and Go's net/http, built from ``bench/peers``."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent / "peers"


def build(folder: Path) -> dict[str, Path]:
    """The peers that can be built here, in ``folder``; what cannot is said."""
    commands = {
        "epoll": ["cc", "-O2", "-o", str(folder / "epoll"), str(HERE / "epoll.c")],
        "nethttp": ["go", "build", "-o", str(folder / "nethttp"), str(HERE / "nethttp.go")],
    }
    return {name: folder / name for name, command in commands.items() if _built(name, command)}


def _built(name: str, command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        print(f"{name} is left out: there is no {command[0]} here")
        return False
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        print(f"{name} is left out: {made.stderr.strip()}")
    return made.returncode == 0


async def cost(program: Path, *words: object) -> float:
    """Microseconds of CPU per request, as the peer tells."""
    peer = await asyncio.create_subprocess_exec(program, *map(str, words), stdout=subprocess.PIPE)
    said, _ = await peer.communicate()
    if peer.returncode:
        raise SystemExit(f"{program.name} failed")
    return float(said)
