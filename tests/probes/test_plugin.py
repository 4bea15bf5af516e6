"""A kind of check from another package: really installed, validated, in the schema, and run."""

import asyncio
import json
import os
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.demo.server import serve

PACKAGE = Path(__file__).parents[1] / "example_plugin"

Monitor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def monitor(tmp_path_factory: pytest.TempPathFactory) -> Monitor:
    """Runs `monitor` where the package is installed."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", folder, PACKAGE], check=True, capture_output=True)
    environ = os.environ | {"PYTHONPATH": str(folder)}

    def running(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "monitor", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    return running


def config(folder: Path, *lines: str) -> str:
    file = folder / "monitor.toml"
    file.write_text("\n".join(["[[endpoints]]", *lines, ""]))
    return str(file)


async def who(reader: StreamReader, writer: StreamWriter) -> None:
    asked = (await reader.readline()).decode().strip()
    writer.write(f"Login: {asked}\r\nPlan: \x1b[31mnone\r\n".encode())


async def test_it_is_checked_like_any_other(monitor: Monitor, tmp_path: Path) -> None:
    async with serve(who) as port:
        file = config(
            tmp_path,
            f'url = "finger://127.0.0.1:{port}/alice"',
            "verbose = true",
            'expect.reply = { contains = "/W alice" }',
        )
        ended = await asyncio.to_thread(monitor, "check", "-c", file, "--format", "json")
    (result,) = json.loads(ended.stdout)["results"]
    assert (result["status"], result["type"], result["message"]) == ("up", "finger", "Login: /W alice")
    assert result["phases_ms"].keys() == {"connect", "wait", "transfer"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("verbsoe = true", '3: endpoints[0].verbsoe: is no key here; did you mean "verbose"?'),
        ('verbose = "yes"', "3: endpoints[0].verbose: is the string"),
        (
            "expect.status = 200",
            "3: endpoints[0].expect.status: is an expectation of http checks, not of finger",
        ),
    ],
)
def test_its_keys_are_validated(monitor: Monitor, tmp_path: Path, line: str, said: str) -> None:
    ended = monitor("validate", config(tmp_path, 'url = "finger://a/b"', line))
    assert ended.returncode == 2
    assert said in ended.stderr


def test_what_it_finds_wrong_itself_is_told_with_its_line(monitor: Monitor, tmp_path: Path) -> None:
    ended = monitor("validate", config(tmp_path, 'name = "x"', 'url = "finger:///b"'))
    assert "monitor.toml:3: endpoints[0].url: names no host" in ended.stderr


def test_its_keys_are_in_the_schema(monitor: Monitor) -> None:
    schema = json.loads(monitor("schema").stdout)
    assert schema["$defs"]["verbose"]["description"] == "Ask for more about the user."
