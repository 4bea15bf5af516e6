"""`${…}` inside strings."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.interpolate import Interpolation, Unresolved
from monitor.redact import MASK, shown

HERE = Path("/nowhere")


def fill(value: Any, **environ: str) -> tuple[Any, list[str], Interpolation]:
    said: list[str] = []
    filling = Interpolation(environ)
    return filling.fill(value, HERE, lambda path, text: said.append(f"{path}: {text}")), said, filling


@pytest.mark.parametrize(
    ("text", "real", "seen"),
    [
        ("${PW}", "hunter2", MASK),
        ("a ${PW} b", "a hunter2 b", f"a {MASK} b"),
        ("${PW}${USER}", "hunter2bob", f"{MASK}{MASK}"),
        ("${NONE:-default}", "default", MASK),
        ("${NONE:-}", "", ""),
        ("${EMPTY:-default}", "default", MASK),
        ("$$5 and $${PW}", "$5 and ${PW}", "$5 and ${PW}"),
        ("costs $5", "costs $5", "costs $5"),
        ("${PW:-other}", "hunter2", MASK),
    ],
)
def test_what_is_brought_in_is_real_and_not_shown(text: str, real: str, seen: str) -> None:
    filled, said, _ = fill(text, PW="hunter2", USER="bob", EMPTY="")
    assert (filled, shown(filled), said) == (real, seen, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${NONE}", "the environment variable NONE is not set"),
        ("${PW", 'has a "${" without its "}"'),
        ("${}", "is none of"),
        ("${1A}", "is none of"),
        ("${NONE:-${PW}}", "within another"),
        ("${file:missing}", "/nowhere/missing cannot be read"),
    ],
)
def test_what_cannot_be_filled_in_is_complained_of(text: str, words: str) -> None:
    filled, said, _ = fill(text, PW="hunter2")
    assert isinstance(filled, Unresolved)
    assert len(said) == 1
    assert words in said[0]


def test_files_are_looked_for_beside_the_config_and_lose_their_last_newline(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    filling = Interpolation({})
    filled = filling.fill("${file:secret}", tmp_path, lambda *_: pytest.fail("it is there"))
    assert (filled, shown(filled)) == ("hunter2", MASK)
    assert filling.secrets == {"hunter2"}
    assert filling.files == [str(tmp_path / "secret")]


def test_strings_at_any_depth_are_filled_in_and_told_with_their_path() -> None:
    filled, said, _ = fill({"a": [{"b": "${PW}"}, 3], "c": ["${NO}"]}, PW="hunter2")
    assert filled["a"] == [{"b": "hunter2"}, 3]
    assert said[0].startswith("('c', 0): ")


@given(st.text(min_size=4), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_never_in_what_may_be_seen(secret: str, before: str, after: str) -> None:
    if "$" in before + after or secret in before + MASK + after:
        return
    filled, _, filling = fill(f"{before}${{PW}}{after}", PW=secret)
    assert secret not in shown(filled)
    assert filling.secrets == {secret}
