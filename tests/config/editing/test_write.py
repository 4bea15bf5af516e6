"""Replacing a config file, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from monitor.config.editing import write as module
from monitor.config.editing.write import replace
from monitor.errors import EditError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    file.write_bytes(b"old")
    return file


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_version_takes_the_place_of_the_old_one(file: Path):
    before = file.stat()
    replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"new"
    assert file.stat().st_ino != before.st_ino
    assert left(file.parent) == ["monitor.toml"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660])
def test_the_mode_stays(file: Path, mode: int):
    file.chmod(mode)
    replace(str(file), b"old", b"new")
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_the_time_of_change_is_now(file: Path):
    os.utime(file, (1, 1))
    replace(str(file), b"old", b"new")
    assert file.stat().st_mtime > 1


def test_a_symbolic_link_stays_one(file: Path, tmp_path: Path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link.toml"
    link.symlink_to(file)
    replace(str(link), b"old", b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert left(folder) == ["link.toml"]


def test_what_somebody_else_wrote_is_not_overwritten(file: Path):
    with pytest.raises(EditError, match="somebody else"):
        replace(str(file), b"older", b"new")
    assert file.read_bytes() == b"old"
    assert left(file.parent) == ["monitor.toml"]


def test_a_file_that_has_gone_is_not_made_again(file: Path):
    file.unlink()
    with pytest.raises(EditError, match="cannot be written: no such file"):
        replace(str(file), b"old", b"new")
    assert left(file.parent) == []


def test_a_folder_that_has_gone_is_reported(tmp_path: Path):
    with pytest.raises(EditError, match="no such file"):
        replace(str(tmp_path / "gone" / "monitor.toml"), b"old", b"new")


def test_a_disk_that_is_full_leaves_the_old_version(file: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(EditError, match="no space left"):
        replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"old"
    assert left(file.parent) == ["monitor.toml"]
