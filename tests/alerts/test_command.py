"""Programs as receivers."""

import shlex
import sys
from pathlib import Path

import pytest

from monitor.alerts import command
from monitor.alerts.delivery import Delivery, DeliveryError


def delivery(*words: str) -> Delivery:
    url = f"exec:{shlex.join(words)}"
    return Delivery(id="m", message="m", url=url, kind="down", at=0.0, title="t", text="x", body=b"the body")


async def test_a_program_reads_the_document(tmp_path: Path):
    await command.send(delivery("tee", str(tmp_path / "got")))
    assert (tmp_path / "got").read_bytes() == b"the body"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["false"], "ended with status 1"),
        (["/nowhere/hunter2"], r"does not start \(no such file or directory\)"),
    ],
)
async def test_a_program_that_fails_is_no_delivery(words, error):
    with pytest.raises(DeliveryError, match=error) as caught:
        await command.send(delivery(*words))
    assert "hunter2" not in str(caught.value)


async def test_a_program_that_hangs_is_ended_with_its_children(monkeypatch):
    monkeypatch.setattr(command, "TIMEOUT", 0.3)
    program = "import subprocess; subprocess.run(['sleep', '60'])"
    with pytest.raises(DeliveryError, match="did not end"):
        await command.send(delivery(sys.executable, "-c", program))
