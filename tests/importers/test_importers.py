"""The table of importers, and what holds for all of them."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main
from monitor.importers import IMPORTERS, importer
from monitor.importers._read import read_json, read_yaml

FILES = Path(__file__).parent / "files"
Convert = Callable[..., Any]

FULL = {
    "gatus": "gatus.yaml",
    "uptime-kuma": "kuma.json",
    "blackbox": "blackbox.yml",
    "prometheus": "prometheus.yml",
    "urls": "recorded.har",
}
"""Tool -> a file with every option of its documentation."""
SECRET = re.compile(
    r"(slack|core|discord|telegram|query|header|external|other|ntfy|gotify|matrix|twilio|pushover|gchat)token"
    r"|(mail|proxy|ssh|tunnel|basic|mqtt|database|radius|rabbit)password|(oauth|client|webhook)secret|cookievalue"
)


def test_no_importer_is_forgotten_in_the_table():
    folder = Path(sys.modules["monitor.importers"].__file__ or "").parent
    modules = {f"monitor.importers.{path.stem}" for path in folder.glob("[!_]*.py")}
    assert modules == set(IMPORTERS.values())
    assert set(FULL) == set(IMPORTERS)


@pytest.mark.parametrize("tool", IMPORTERS)
def test_an_importer_says_which_files_it_takes(tool: str):
    assert importer(tool).HELP


EMPTY = {
    "gatus": ({"endpoints": [], "suites": []}, "lacks an entry in endpoints, suites or external-endpoints"),
    "gatus, an empty suite": ({"suites": [{"name": "s", "endpoints": []}]}, "lacks an entry in endpoints"),
    "uptime-kuma": ({"monitorList": []}, "lacks a monitor other than a group"),
    "uptime-kuma, a group": ({"monitorList": [{"id": 1, "type": "group", "name": "g"}]}, "lacks a monitor"),
    "blackbox": ({"modules": {}}, "lacks a table in modules"),
    "blackbox, nothing in it": ({"modules": {"a": 1}}, "modules.a: is not a table"),
    "prometheus": ({"scrape_configs": []}, "lacks a job with params.module"),
    "prometheus, metrics only": (
        {"scrape_configs": [{"job_name": "node", "static_configs": [{"targets": ["a:9100"]}]}]},
        "job node: scrapes metrics",
    ),
    "urls": ([], "lacks a URL"),
    "urls, prose": ("Nothing here.", "line 1: is no URL: Nothing here."),
}


@pytest.mark.parametrize(
    ("case", "given", "said"), [(case, *rest) for case, rest in EMPTY.items()], ids=EMPTY
)
def test_a_file_without_anything_to_check_is_an_error(
    case: str, given: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "given"
    file.write_text(given if isinstance(given, str) else json.dumps(given))
    assert main(["import", case.partition(",")[0], str(file)]) == 2
    out, err = capsys.readouterr()
    assert (out, said in err) == ("", True), err


@pytest.mark.parametrize("tool", IMPORTERS)
def test_a_file_with_every_option_becomes_a_valid_config(tool: str, convert: Convert):
    result = convert(tool, FILES / FULL[tool])
    assert result.text.startswith("# Made from ")
    assert result.text.endswith("\n")


@pytest.mark.parametrize("tool", IMPORTERS)
def test_no_secret_is_in_the_config_or_in_the_notes(tool: str, convert: Convert):
    result = convert(tool, FILES / FULL[tool])
    given = (FILES / FULL[tool]).read_text()
    assert SECRET.search(given), "the file has secrets, or this test could not fail"
    assert not SECRET.search(result.text)
    assert not SECRET.search(result.said)


@pytest.mark.parametrize("tool", IMPORTERS)
def test_every_note_is_a_comment_in_the_config_as_well(tool: str, convert: Convert):
    result = convert(tool, FILES / FULL[tool])
    comments = "\n".join(line.lstrip("# ") for line in result.text.splitlines() if line.startswith("#"))
    for note in result.notes:
        text = note.partition(": ")[2]
        assert any(
            text[at:] in comments for at in range(len(text)) if at == 0 or text[at - 2 : at] == ": "
        ), note


def tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from tables(item)
    elif isinstance(value, list):
        for item in value:
            yield from tables(item)


@pytest.mark.parametrize("tool", ["gatus", "blackbox", "prometheus", "uptime-kuma"])
def test_an_option_that_is_not_known_is_never_dropped_silently(tool: str, convert: Convert):
    file = FILES / FULL[tool]
    document = read_json(file) if file.suffix == ".json" else read_yaml(file)
    marked = copy.deepcopy(document)
    count = 0
    for table in tables(marked):
        below = [
            value for key, value in table.items() if key in MARKED.get(tool, ()) and isinstance(value, dict)
        ]
        for one in (*below, *([table] if MARKED_BY[tool] & table.keys() else [])):
            if not lost_as_a_whole(one):
                one["zzz-unknown"] = f"mark{count}"
                count += 1
    said = convert(tool, marked).said
    assert count
    missing = [at for at in range(count) if f"mark{at})" not in said]
    assert not missing


def lost_as_a_whole(table: dict[str, Any]) -> bool:
    """Whether the table itself is noted, so that nobody looks into it."""
    return table == {"insecure": True} or table.get("prober") == "unix" or table.get("job_name") == "node"


MARKED = {
    "gatus": ("client", "dns", "ssh", "heartbeat", "oauth2"),
    "blackbox": ("http", "icmp", "grpc", "tls_config"),
}
MARKED_BY = {
    "gatus": {"conditions", "failure-threshold", "start"},
    "blackbox": {"prober"},
    "prometheus": {"scrape_configs", "job_name"},
    "uptime-kuma": {"interval"},
}


def test_without_the_yaml_parser_the_extra_is_named(tmp_path: Path):
    file = tmp_path / "gatus.yaml"
    file.write_text("endpoints: []\n")
    code = (
        "import sys; sys.modules['yaml'] = None\n"
        f"from monitor.cli import main; sys.exit(main(['import', 'gatus', {str(file)!r}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert run.returncode == 2
    assert "pip install 'monitor[import]'" in run.stderr
