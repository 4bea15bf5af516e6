"""``exec:COMMAND``: runs a program with the webhook's document on its standard input."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from contextlib import suppress

from monitor.alerts.delivery import Delivery, DeliveryError, cause

TIMEOUT = 30.0
"""Timeout of the program in seconds."""


async def send(delivery: Delivery) -> None:
    """Run the program without a shell; exit status 0 means that the message was delivered."""
    try:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(delivery.url.partition(":")[2]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise DeliveryError(f"the command does not start ({cause(error)})") from None
    try:
        await asyncio.wait_for(process.communicate(delivery.body), TIMEOUT)
    except TimeoutError:
        raise DeliveryError(f"the command did not end within {TIMEOUT:.0f} s") from None
    finally:
        with suppress(ProcessLookupError):  # the program and its children
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.returncode:
        raise DeliveryError(f"the command ended with status {process.returncode}")
