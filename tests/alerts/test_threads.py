"""Blocking calls in threads of their own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from threading import Event

import pytest

from monitor.alerts.threads import in_thread

HANGING = """
import asyncio, threading
from monitor.alerts.threads import in_thread

async def main():
    try:
        await in_thread(threading.Event().wait, 0.01)
    except TimeoutError:
        print("late")

asyncio.run(main())
"""


async def test_the_result_or_the_error_of_a_call_comes_back():
    assert await in_thread(lambda: 7, 10) == 7
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0, 10)


async def test_calls_that_hang_keep_no_other_waiting():
    over = Event()
    hanging = [asyncio.ensure_future(in_thread(over.wait, 30)) for _ in range(100)]
    await asyncio.sleep(0)
    assert await in_thread(lambda: "sent", 10) == "sent"
    over.set()
    assert all(await asyncio.gather(*hanging))


def test_a_call_that_hangs_keeps_no_process_from_ending():
    ended = subprocess.run(
        [sys.executable, "-c", HANGING], check=True, stdout=subprocess.PIPE, text=True, timeout=30
    )
    assert ended.stdout == "late\n"
