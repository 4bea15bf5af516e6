"""`monitor schema`: JSON Schema for editors."""

import json

import pytest

from monitor.cli import main


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"monitor", "defaults", "endpoints"} <= schema["properties"].keys()
