"""`monitor complete`: words in, candidates out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.commands import COMMANDS, command
from monitor.commands.complete import FILES, candidates


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("imp\n", ["import"]),
        ("check\n--format\nju\n", ["junit"]),
        ("check\n-", None),
        ("", None),
        ("check\n\n", []),
    ],
)
def test_words_become_candidates(
    given: str, wanted: list[str] | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert main(["complete"]) == 0
    words = [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert words == wanted if wanted is not None else len(words) > 3


# ---- candidates


CONFIG = """
include = ["more/*.toml"]
[[endpoints]]
name = "Shop front"
url = "https://shop.example"
group = "shop"
tags = ["web", "eu"]
[[endpoints]]
url = "https://pay.example/health"
group = "shop"
[[endpoints]]
name = "${SECRET}"
url = "tcp://a:1"
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.toml").write_text('[[endpoints]]\nname = "Included"\nurl = "tcp://b:1"\n')
    file = tmp_path / "monitor.toml"
    file.write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    return file


def words(line: str) -> list[str]:
    return [one.word for one in candidates(line.split(" "))]


NAMES = ["Shop front", "pay.example/health", "Included"]
CASES = {
    "che": ["check"],
    "import ": ["gatus", "uptime-kuma", "blackbox", "prometheus", "urls"],
    "import gatus ": [FILES],
    "import gatus a ": [],
    "check --form": ["--format"],
    "check --format ": ["table", "json", "junit", "nagios"],
    "check --format j": ["json", "junit"],
    "check --format=j": ["--format=json", "--format=junit"],
    "check --select ": [*NAMES, "name:", "group:", "tag:", "type:"],
    "check --select S": ["Shop front"],
    "check --select group:": ["group:shop"],
    "check --select tag:e": ["tag:eu"],
    "check --select type:ic": ["type:icmp"],
    "check --select=group:": ["--select=group:shop"],
    "check -c ": [FILES],
    "check --config nowhere.toml --select S": [],
    "validate ": [FILES],
    "silence group:": ["group:shop"],
    "ack ": NAMES,
    "ack S": ["Shop front"],
    "--pl": ["--plain"],
    "no-command x": [],
}


@pytest.mark.parametrize(("line", "wanted"), CASES.items(), ids=CASES)
def test_what_fits_is_offered(line: str, wanted: list[str]):
    assert words(line) == wanted


def test_an_option_that_is_there_is_not_offered_again_unless_it_may_be_repeated():
    offered = words("check --strict --select a -")
    assert "--strict" not in offered
    assert "--select" in offered


def test_every_command_of_the_help_is_offered():
    assert words("") == [name for name in COMMANDS if name != "dashboard" and command(name).HELP]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_description(name: str):
    if command(name).HELP:
        assert all(one.help for one in candidates([name, "-"])), name


@pytest.mark.parametrize("text", ["endpoints = 1", "[[endpoints]]\nname = 1", "broken", "\x00", "[" * 10_000])
def test_a_config_that_is_broken_completes_nothing(text: str, config: Path):
    config.write_text(text)
    assert words("check --select group:") == []
