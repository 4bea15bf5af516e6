"""`monitor replay`."""

import io
import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest
from monitor_command import monitor
from simulation import result
from test_replaying import history, recorded

from monitor.cli import main

CONFIG = """
[monitor]
history = "h.db"
[[alerts]]
name = "mail"
url = "exec:true"
digest = "1s"
[[endpoints]]
name = "shop"
url = "tcp://127.0.0.1:1"
down_after = 2
up_after = 1
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    history(tmp_path / "h.db", start=time.time() - 1800, shop="u" + ("dd" + "u" * 10) * 4)
    file = tmp_path / "m.toml"
    file.write_text(CONFIG)
    return str(file)


def test_the_document_has_every_key_of_the_interface(config, capsys):
    assert main(["replay", "-c", config, "--since", "1h", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"since", "until", "alerts", "sent", "suggestions"}
    (alert,) = document["alerts"]
    assert (alert["alert"], alert["count"]) == ("mail", 8)
    assert {one["kind"] for one in alert["messages"]} == {"down", "up"}
    assert alert["messages"][0]["endpoints"] == ["shop"]
    suggestion, other = document["suggestions"]
    assert other["key"] == "retry_interval"
    assert suggestion == {
        "endpoint": "shop",
        "key": "down_after",
        "value": 3,
        "messages_before": 8,
        "messages_after": 0,
        "delay_s": 5.0,
        "missed": 0,
    }


def test_a_terminal_gets_a_progress_bar(config):
    master, slave = pty.openpty()
    command = monitor("replay", "-c", config)
    environ = {**os.environ, "TERM": "xterm"}
    subprocess.run(command, stdout=subprocess.PIPE, stderr=slave, check=True, timeout=30, env=environ)
    os.close(slave)
    assert b"replaying" in os.read(master, 10_000)
    os.close(master)


def test_json_keeps_text_that_the_output_cannot_encode(config, monkeypatch):
    Path(config).write_text(CONFIG.replace('"mail"', '"Größe"'))
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    assert main(["replay", "-c", config, "--since", "1h", "--format", "json"]) == 0
    out.seek(0)
    assert json.load(out)["alerts"][0]["alert"] == "Größe"


def test_the_table_says_what_would_be_quieter(config, capsys):
    assert main(["replay", "-c", config, "--since", "1h"]) == 0
    told = capsys.readouterr().out
    assert "mail: 8 messages by this config; 0 were sent" in told
    assert (
        "down_after = 3 on 'shop': 0 instead of 8 messages, outages reported 5 s later, none missed" in told
    )


def test_a_limit_is_suggested_as_it_is_written_in_the_config(config, capsys):
    file = Path(config)
    start = time.time() - 1800
    results = [result("slow", "u", start + 10 * number) for number in range(120)]
    for number, one in enumerate(results):
        one.latency_ms = 450.0 if number % 40 < 15 else 20.0
    (file.parent / "h.db").unlink()
    recorded(file.parent / "h.db", results)
    file.write_text(
        CONFIG.replace('digest = "1s"', 'digest = "1s"\non = ["down", "degraded"]').replace("shop", "slow")
        + '[endpoints.warn]\nlatency = "400ms"\n'
    )
    assert main(["replay", "-c", config, "--since", "1h"]) == 0
    assert "warn.latency = \"500ms\" on 'slow': 0 instead of 3 messages" in capsys.readouterr().out


def test_it_says_from_when_on_there_are_results(config, capsys):
    assert main(["replay", "-c", config, "--since", "7d"]) == 0
    assert "the history has results from 20" in capsys.readouterr().err
    assert main(["replay", "-c", config, "--since", "1h"]) == 0
    assert "the history has results from" not in capsys.readouterr().err


def test_without_alerts_there_is_nothing_to_replay(tmp_path, capsys):
    (tmp_path / "m.toml").write_text("")
    assert main(["replay", "-c", str(tmp_path / "m.toml")]) == 2
    assert "there are no [[alerts]]" in capsys.readouterr().err


def test_without_a_history_it_says_so(tmp_path, capsys):
    (tmp_path / "m.toml").write_text(CONFIG)
    assert main(["replay", "-c", str(tmp_path / "m.toml")]) == 2
    assert "there is no history yet" in capsys.readouterr().err


def test_a_secret_in_a_name_is_not_printed(config, capsys, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2hunter2")
    Path(config).write_text(CONFIG.replace('"mail"', '"mail ${SECRET}"'))
    for format in ("json", "table"):
        assert main(["replay", "-c", config, "--since", "1h", "--format", format]) == 0
        out = capsys.readouterr().out
        assert "hunter2" not in out
        assert "mail •••" in out
