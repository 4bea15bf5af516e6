"""The tour of the config at the project's root: it loads, it is complete, and it runs."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.common import Common
from monitor.config.dashboard import DashboardTable
from monitor.model import Reason, Status
from monitor.probes import KINDS, probe_class
from monitor.service.once import check_all
from monitor.themes import Colours

SAMPLE = Path(__file__).parent.parent / "sample_config.toml"
TEXT = SAMPLE.read_text(encoding="utf-8")


def test_it_loads_with_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORDERS_TOKEN", raising=False)
    assert {one.kind for one in load(SAMPLE).endpoints} == set(KINDS)


@pytest.mark.parametrize(
    "key",
    [field.name for cls in (Common, probe_class("http"), DashboardTable, Colours) for field in fields(cls)],
)
def test_every_key_is_shown(key: str) -> None:
    assert re.search(rf"^[# ]*{key}\b *=", TEXT, re.MULTILINE) or re.search(
        rf"\[(endpoints|dashboard)\.{key}", TEXT
    )


async def test_it_runs_and_every_failure_has_its_reason(tmp_path: Path) -> None:
    here = re.sub(r"(?<=//)(\w[\w.-]*\.)?(example\.com|192\.0\.2\.1)", "127.0.0.1", TEXT)
    file = tmp_path / "monitor.toml"
    file.write_text(
        re.sub(r"server=[\d.]+", "server=127.0.0.1:1", here).replace("127.0.0.1/", "127.0.0.1:1/")
    )
    config = load(file)
    endpoints = [one for one in config.endpoints if one.kind not in ("icmp", "push")]
    results = await check_all(endpoints, config.settings, config.redact)
    assert len(results) == len(endpoints)
    for result in results:
        assert (result.reason is None) is (result.status is Status.UP)
        assert result.reason is not Reason.LOCAL_ERROR or result.endpoint == "disk-space"
