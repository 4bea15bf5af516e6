"""What stands under contrib/, held against the programs that read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load
from monitor.link.figures import Counted
from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import State, Status
from monitor.web.metrics import render

CONTRIB = Path(__file__).parent.parent.parent / "contrib"
UNIT = CONTRIB / "systemd" / "monitor.service"
UNITS = [UNIT, CONTRIB / "systemd" / "monitor-agent@.service"]


def needs(program: str, package: str) -> Any:
    return pytest.mark.skipif(not shutil.which(program), reason=f"needs {program} (Debian: {package})")


def output(*command: str | Path) -> str:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr


@needs("systemd-analyze", "systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_exposes_little(unit: Path):
    told = output("systemd-analyze", "security", "--offline=true", unit)
    found = re.search(r"Overall exposure level for .*\.service: ([\d.]+)", told)
    assert found, told
    assert float(found[1]) < 3


@needs("systemd-analyze", "systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line_of_the_unit(unit: Path):
    told = output("systemd-analyze", "verify", "--man=no", unit)
    assert "Unknown" not in told
    assert "Failed to parse" not in told


def test_the_unit_and_the_config_agree_on_the_socket():
    config = load(CONTRIB / "etc-monitor" / "monitor.toml")
    assert config.settings.socket == "/run/monitor/monitor.sock"
    assert "RuntimeDirectory=monitor\n" in UNIT.read_text()
    assert config.settings.socket_group == re.search(r"^Group=(.*)$", UNIT.read_text(), re.MULTILINE)[1]  # type: ignore[index]
    assert [endpoint.name for endpoint in config.endpoints] == ["Example"]


@needs("promtool", "prometheus")
def test_prometheus_takes_the_alert_rules():
    told = output("promtool", "check", "rules", CONTRIB / "prometheus" / "alerts.yml")
    assert "SUCCESS" in told, told


@needs("promtool", "prometheus")
def test_prometheus_takes_our_metrics(tmp_path: Path):
    command = ["promtool", "check", "metrics"]
    ended = subprocess.run(command, input=exposed().encode(), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr


@needs("promtool", "prometheus")
def test_prometheus_takes_the_scrape_config(tmp_path: Path):
    scrape = (CONTRIB / "prometheus" / "scrape.yml").read_text()
    (tmp_path / "prometheus.yml").write_text("scrape_configs:\n" + scrape)
    told = output("promtool", "check", "config", tmp_path / "prometheus.yml")
    assert "SUCCESS" in told, told


def exposed() -> str:
    """Metrics of one endpoint that has everything."""
    picture = Picture()
    picture.infos = {1: EndpointInfo(handle=1, id="a", name="a", kind="http", target="http://a/")}
    picture.statuses = {1: EndpointStatus(handle=1, state=State.UP, since=0.0, not_after=2e9)}
    counted = Counted(handle=1, status=Status.UP, latency_ms=1.0, phases_ms={"connect": 1.0}, http_status=200)
    return render(picture, [counted], "")[0].decode()


@pytest.mark.parametrize("file", ["alerts.yml", "dashboard.json"])
def test_every_metric_that_is_asked_for_is_exposed(file: str):
    wanted = set(re.findall(r"\bmonitor_[a-z_]+", (CONTRIB / "prometheus" / file).read_text()))
    assert wanted
    told = exposed()
    assert not [name for name in wanted if f"\n{name}{{" not in told and f"\n{name} " not in told]


def test_the_dashboard_has_panels_that_do_not_overlap():
    dashboard = json.loads((CONTRIB / "prometheus" / "dashboard.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
