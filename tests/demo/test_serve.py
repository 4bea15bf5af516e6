import json
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from monitor.config import load
from monitor.demo.process import RunningZoo
from monitor.demo.serve import Zoo, demo_config, open_zoo

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


def test_the_demo_has_something_of_everything(zoo: RunningZoo):
    endpoints = tomllib.loads(Path(zoo.config).read_text())["endpoints"]
    schemes = {endpoint["url"].partition(":")[0] for endpoint in endpoints}
    assert len(endpoints) >= 16
    assert schemes >= {"http", "https", "tcp", "tls", "dns", "icmp"}
    assert len({endpoint["group"] for endpoint in endpoints}) >= 4


def test_the_demo_is_a_valid_config(zoo: RunningZoo):
    config = load(Path(zoo.config))
    assert [endpoint.name for endpoint in config.endpoints][:2] == ["Shop front", "Catalogue API"]


def test_an_unknown_server_is_noticed():
    with pytest.raises(KeyError):
        demo_config(Zoo("ca.pem", "client.pem", {}))


# ---- every server answers


async def test_everything_listens_somewhere_of_its_own(tmp_path: Path):
    async with open_zoo(tmp_path) as zoo:
        assert len(set(zoo.addresses.values())) == len(zoo.addresses)
        assert Path(zoo.ca).exists()
        assert Path(zoo.client).exists()
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{zoo.addresses['http']}/healthy")
    assert answer.text == "ok\n"
