import tomllib
from pathlib import Path
from unittest.mock import patch

import pytest

from monitor.cli import main
from monitor.commands.dashboard import Look


def test_the_config_can_be_printed(capsys: pytest.CaptureFixture[str]):
    assert main(["demo", "--print-config"]) == 0
    assert len(tomllib.loads(capsys.readouterr().out)["endpoints"]) >= 16


def test_the_dashboard_shows_the_demo_and_nothing_stays_behind():
    seen: list[Path] = []

    def show(config: str, look: Look) -> int:
        seen.append(Path(config))
        assert seen[0].is_file()
        assert look == Look(
            title="demo", plain=True, symbols="ascii", wall=True, words="g:tls", remember=False
        )
        return 0

    with patch("monitor.commands.demo.show_own", show):
        assert main(["demo", "--ascii", "--plain", "--wall", "--filter", "g:tls"]) == 0
    assert not seen[0].parent.exists()


def test_the_symbols_can_be_chosen():
    seen: list[str] = []

    def show(_config: str, look: Look) -> int:
        seen.append(look.symbols)
        return 0

    with patch("monitor.commands.demo.show_own", show):
        for words in ([], ["--symbols", "block"], ["--symbols", "ascii"]):
            assert main(["demo", *words]) == 0
    assert seen == ["", "block", "ascii"]
