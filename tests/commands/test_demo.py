import tomllib
from pathlib import Path
from unittest.mock import patch

import pytest

from monitor.cli import main


def test_the_config_can_be_printed(capsys: pytest.CaptureFixture[str]):
    assert main(["demo", "--print-config"]) == 0
    assert len(tomllib.loads(capsys.readouterr().out)["endpoints"]) >= 16


def test_the_dashboard_shows_the_demo_and_nothing_stays_behind():
    seen: list[Path] = []

    def show(config: str, *, title: str, **chosen: object) -> int:
        seen.append(Path(config))
        assert chosen == {"plain": True, "wall": True, "words": "g:tls", "remember": False}
        assert seen[0].is_file()
        assert title == "demo"
        return 0

    with patch("monitor.commands.demo.show", show):
        assert main(["demo", "--plain", "--wall", "--filter", "g:tls"]) == 0
    assert not seen[0].parent.exists()
