import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-P", "-m", "monitor.demo.serve"]


def _start() -> tuple[subprocess.Popen[str], dict[str, object]]:
    child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return child, json.loads(child.stdout.readline())


@pytest.mark.parametrize("how", ["end of input", "SIGTERM"])
def test_the_zoo_ends_with_whoever_started_it_and_leaves_nothing(how: str):
    child, said = _start()
    with child:
        folder = Path(said["config"]).parent
        assert folder.is_dir()
        if how == "SIGTERM":
            child.send_signal(signal.SIGTERM)
        else:
            child.stdin.close()
        assert child.wait(10) == 0
    assert not folder.exists()
    host, _, port = said["addresses"]["http"].partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
