"""`monitor complete`: words in, candidates out."""

from __future__ import annotations

import io

import pytest

from monitor.cli import main


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
