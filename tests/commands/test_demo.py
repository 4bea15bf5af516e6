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

    def show(config: str, *, title: str, plain: bool, remember: bool) -> int:
        assert (plain, remember) == (True, False)
        seen.append(Path(config))
        assert seen[0].is_file()
        assert title == "demo"
        return 0

    with patch("monitor.commands.dashboard.show", show):
        assert main(["demo", "--plain"]) == 0
    assert not seen[0].parent.exists()
