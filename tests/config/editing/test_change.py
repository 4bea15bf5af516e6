"""The next version of a config's files: made, judged and written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from monitor.config import load
from monitor.config.editing import change as module
from monitor.config.editing.change import Change, changed, enabled, outcome, replace, verify, without, write
from monitor.errors import ConfigError, EditError
from monitor.model import Config, Endpoint

Write = Callable[..., Path]
MAIN = """\
include = ["sub.toml"]

# one
[[endpoints]]
name = "one"
url = "tcp://one:1"

[[endpoints]]
name = "two"
url = "tcp://two:1"
depends_on = "three"
"""
SUB = '[defaults]\nenabled = false\n\n[[endpoints]]\nname = "three"\nurl = "tcp://three:1"\n'


@pytest.fixture
def config(write: Write) -> Config:
    write(SUB, "sub.toml")
    return load(write(MAIN))


def named(config: Config, *names: str) -> list[Endpoint]:
    return [one for one in config.endpoints if one.name in names]


def texts(changes: Sequence[Change]) -> dict[str, str]:
    return {Path(one.file).name: one.after.decode() for one in changes}


def test_endpoints_go_from_every_file_that_has_some(config: Config):
    changes = without(config, config.endpoints)
    assert texts(changes) == {
        "monitor.toml": 'include = ["sub.toml"]\n',
        "sub.toml": "[defaults]\nenabled = false\n",
    }
    assert outcome(config, changes).endpoints == ()
    write(changes)
    assert load(config.file).endpoints == ()


def test_what_others_depend_on_stays(config: Config):
    with pytest.raises(EditError, match='"two" depends on "three"'):
        without(config, named(config, "three", "one"))
    assert len(without(config, named(config, "three", "two"))) == 2


def test_endpoints_of_one_file_are_disabled_in_one_change(config: Config):
    (change,) = enabled(config, named(config, "one", "two"), False)
    assert change.after.decode().count("[[endpoints]]\nenabled = false\n") == 2
    assert [one.enabled for one in outcome(config, [change]).endpoints] == [False, False, False]


def test_enabling_takes_out_what_disabling_brought(config: Config):
    write(enabled(config, named(config, "one"), False))
    again = load(config.file)
    assert texts(enabled(again, named(again, "one"), True)) == {"monitor.toml": MAIN}


def test_what_inherits_that_it_is_disabled_is_enabled_by_saying_so(config: Config):
    (change,) = enabled(config, named(config, "three"), True)
    assert "[[endpoints]]\nenabled = true\n" in change.after.decode()
    assert outcome(config, [change]).endpoints[2].enabled


def test_what_the_change_makes_wrong_is_reported(config: Config):
    change = changed(config, config.file, lambda text: text + 'timeout = "soon"\n')
    with pytest.raises(ConfigError) as caught:
        outcome(config, [change])
    assert [(one.line, one.key) for one in caught.value.problems] == [(12, "endpoints[1].timeout")]


def test_a_file_that_is_not_the_one_in_force_is_left_alone(config: Config):
    Path(config.file).write_text(MAIN + "# more\n")
    with pytest.raises(EditError, match="has changed and is not in force"):
        changed(config, config.file, str.upper)
    Path(config.file).unlink()
    with pytest.raises(EditError, match="cannot be read: no such file"):
        changed(config, config.file, str.upper)


def test_a_byte_order_mark_and_line_endings_stay(write: Write):
    file = write("")
    file.write_bytes(b"\xef\xbb\xbf# \xc3\xbc\r\n")
    change = changed(load(file), str(file), lambda text: text + "# more\r\n")
    assert change.after == b"\xef\xbb\xbf# \xc3\xbc\r\n# more\r\n"


def test_a_change_can_be_taken_back_while_nobody_else_changed_the_file(config: Config):
    (change,) = without(config, named(config, "one"))
    write([change])
    verify([change.undone])
    write([change.undone])
    assert Path(config.file).read_text() == MAIN
    with pytest.raises(EditError, match="changed by somebody else"):
        verify([change.undone])


def test_all_files_are_written_or_none(config: Config, monkeypatch: pytest.MonkeyPatch):
    changes = without(config, config.endpoints)
    replace = module.replace

    def failing(file: str, old: bytes, new: bytes) -> None:
        if file.endswith("sub.toml"):
            raise EditError("the disk is full")
        replace(file, old, new)

    monkeypatch.setattr(module, "replace", failing)
    with pytest.raises(EditError, match="the disk is full"):
        write(changes)
    assert Path(config.file).read_text() == MAIN


# ---- the file is replaced whole or not at all


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
