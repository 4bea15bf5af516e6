"""Noticing that config files changed."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from monitor.config.document import digest
from monitor.config.watch import Watcher

Step = Callable[[], object]


async def looks(watcher_of: Callable[..., Watcher], steps: Iterable[Step]) -> int:
    """How many looks it takes to notice a change; one step is taken before each."""
    todo, count = iter(steps), 0

    async def sleep(_seconds: float) -> None:
        nonlocal count
        count += 1
        step = next(todo, None)
        if step is None:
            raise TimeoutError
        step()

    await watcher_of(sleep=sleep).changed()
    return count


def nothing() -> None:
    """A look at which everything is as before."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "a.toml"
    file.write_text("a = 1")
    return file


def replaced(file: Path) -> Step:
    def step() -> None:
        other = file.with_suffix(".new")
        other.write_text("a = 2")
        other.replace(file)

    return step


def relinked(file: Path) -> Step:
    def step() -> None:
        target = file.with_suffix(".other")
        target.write_text("a = 3")
        file.unlink()
        file.symlink_to(target)

    return step


def same_size_and_time(file: Path) -> Step:
    def step() -> None:
        before = file.stat()
        file.write_text("a = 9")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    return step


@pytest.mark.parametrize("change", [replaced, relinked, same_size_and_time])
async def test_a_change_is_told_once_it_has_settled(file: Path, change: Callable[[Path], Step]) -> None:
    assert await looks(lambda **how: Watcher([str(file)], **how), [nothing, change(file), nothing]) == 3


async def test_a_file_that_is_being_written_is_waited_for(file: Path) -> None:
    steps = [lambda: file.write_text("a = "), lambda: file.write_text("a = 5"), nothing]
    assert await looks(lambda **how: Watcher([str(file)], **how), steps) == 3


async def test_a_file_that_went_and_came_back_as_it_was_is_no_change(file: Path) -> None:
    steps = [file.unlink, lambda: file.write_text("a = 1"), nothing, nothing]
    with pytest.raises(TimeoutError):
        await looks(lambda **how: Watcher([str(file)], **how), steps)


async def test_a_file_that_has_gone_is_a_change(file: Path) -> None:
    assert await looks(lambda **how: Watcher([str(file)], **how), [file.unlink, nothing]) == 2


async def test_touching_a_file_is_no_change(file: Path) -> None:
    with pytest.raises(TimeoutError):
        await looks(lambda **how: Watcher([str(file)], **how), [file.touch, nothing])


async def test_a_new_file_that_matches_a_pattern_is_a_change(file: Path) -> None:
    pattern = str(file.parent / "conf.d" / "*.toml")

    def new() -> None:
        (file.parent / "conf.d").mkdir()
        (file.parent / "conf.d" / "b.toml").write_text("")

    assert await looks(lambda **how: Watcher([str(file)], [pattern], **how), [new, nothing]) == 2


async def test_what_changed_before_it_was_watched_is_no_change(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.toml"

    def watcher_of(**how: object) -> Watcher:
        watcher = Watcher([str(file)], **how)  # type: ignore[arg-type]
        other.write_text("new")
        watcher.watch([str(other)])
        return watcher

    with pytest.raises(TimeoutError):
        await looks(watcher_of, [lambda: file.write_text("gone from view"), nothing])


@pytest.mark.parametrize(
    ("meanwhile", "still"),
    [(lambda file: None, True), (lambda file: file.write_text("a = 2"), False), (Path.unlink, False)],
)
async def test_what_was_read_is_compared_with_what_is_there_a_moment_later(
    file: Path, meanwhile: Callable[[Path], object], *, still: bool
) -> None:
    async def sleep(_seconds: float) -> None:
        meanwhile(file)

    seen = {str(file): digest(file.read_bytes())}
    assert await Watcher([str(file)], sleep=sleep).still(seen) is still
