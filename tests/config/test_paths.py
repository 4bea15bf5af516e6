"""File names in a config: whatever a user writes is a path or a problem, never a traceback."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.find import find_config
from monitor.config.paths import user_path
from monitor.errors import UsageError

Problems = Callable[[str], list[str]]
WRONG = {
    "has a NUL character": r"a\u0000b",
    "home folder of a user": "~no-such-user/x",
    "is too long": "x" * 300,
    "too long for": "x/" * 3000,
}
KEYS = {
    "monitor.history": '[monitor]\nhistory = "{}"',
    "monitor.socket": '[monitor]\nsocket = "{}"',
    "include": 'include = ["{}"]',
    "defaults.tls.ca": '[defaults.tls]\nca = "{}"',
    "defaults.group": '[defaults]\ngroup = "${{file:{}}}"',
    "cluster.credentials": '[cluster]\nnats = ["tls://a"]\ncredentials = "{}"',
}


@pytest.mark.parametrize(("complaint", "name"), WRONG.items(), ids=lambda text: text[:20])
@pytest.mark.parametrize("key", KEYS)
def test_a_name_that_no_file_can_have_is_a_problem_of_its_key(
    problems: Problems, key: str, complaint: str, name: str
) -> None:
    (problem,) = problems(KEYS[key].format(name) + '\n[[endpoints]]\nurl = "tcp://a:1"')
    assert f" {key}" in problem
    assert complaint in problem


@pytest.mark.parametrize("name", [name.replace(r"\u0000", "\0") for name in WRONG.values()], ids=len)
def test_a_config_that_cannot_exist_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError):
        find_config(name)


def test_a_path_is_relative_to_a_folder_unless_it_is_absolute() -> None:
    assert user_path("a/b", Path("/c")) == Path("/c/a/b")
    assert user_path("/a", Path("/c")) == Path("/a")
    assert user_path("~/a", Path("/c")) == Path.home() / "a"


@given(st.text(max_size=400))
def test_anything_is_a_path_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        user_path(text).exists()
