"""Time zones by name, and this machine's own."""

from datetime import UTC, datetime

import pytest

from monitor.judge import zones
from monitor.judge.zones import local_zone, zone


def test_a_zone_is_found_by_its_name() -> None:
    assert datetime(2026, 7, 1, tzinfo=zone("Europe/Berlin")).utcoffset().total_seconds() == 7200


@pytest.mark.parametrize("name", ["Europe/Berlinn", "../../etc/passwd", "/etc/passwd", "\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no time zone; write one such as"):
        zone(name)


@pytest.mark.parametrize("name", ["America/New_York", ":America/New_York"])
def test_the_variable_tz_names_the_machines_zone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", name)
    assert str(local_zone()) == "America/New_York"


def test_the_system_names_the_machines_zone(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.delenv("TZ", raising=False)
    target = tmp_path / "zoneinfo" / "Asia" / "Tokyo"
    target.parent.mkdir(parents=True)
    target.touch()
    link = tmp_path / "localtime"
    link.symlink_to(target)
    monkeypatch.setattr(zones, "_LOCALTIME", link)
    assert str(local_zone()) == "Asia/Tokyo"


def test_a_machine_that_names_no_zone_has_utc(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("TZ", "nonsense")
    monkeypatch.setattr(zones, "_LOCALTIME", tmp_path / "missing")
    assert local_zone() is UTC
