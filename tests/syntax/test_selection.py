"""Which endpoints an expression selects."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import Endpoint
from monitor.syntax.selection import FIELDS, Glob, compile_selection, fits, select, slip
from monitor.trace import Trace


@dataclass(frozen=True)
class Fake:
    kind: ClassVar[str] = "tcp"
    target: str = "tcp://"

    async def check(self, trace: Trace) -> str:
        return ""


def endpoint(name: str, group: str | None = None, *tags: str) -> Endpoint:
    return Endpoint(id=name, name=name, probe=Fake(), group=group, tags=tags)


SHOP = endpoint("Shop front", "shop", "web", "eu")
DATABASE = endpoint("db:5432", "shop", "eu")
ODD = endpoint("api [1]")
ALL = (SHOP, DATABASE, ODD)


@pytest.mark.parametrize(
    ("expressions", "selected"),
    [
        ([], ALL),
        (["name:shop*"], (SHOP,)),
        (["SHOP*"], (SHOP,)),
        (["group:shop"], (SHOP, DATABASE)),
        (["Group:SH?P"], (SHOP, DATABASE)),
        (["group:*"], (SHOP, DATABASE)),
        (["tag:web"], (SHOP,)),
        (["type:tcp"], ALL),
        (["tag:web", "api*"], (SHOP, ODD)),
        (["db:5432"], (DATABASE,)),
        (["db:*"], (DATABASE,)),
        (["name:db:5432"], (DATABASE,)),
        (["api [1]"], (ODD,)),
        (["*"], ALL),
    ],
)
def test_any_expression_that_matches_selects(expressions: list[str], selected: tuple[Endpoint, ...]) -> None:
    assert select(ALL, expressions) == selected


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("grup:shop", "did you mean 'group:'"),
        ("tags:eu", "did you mean 'tag:'"),
        ("", "name:GLOB"),
        ("tag:", "GLOB"),
    ],
)
def test_what_cannot_be_meant_is_refused(expression: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        compile_selection([expression])


def test_selecting_nothing_is_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        select(ALL, ["tag:us", "type:http"])
    told = str(caught.value)
    assert "tag:us, type:http" in told
    assert "name Shop front, db:5432, api [1]; group shop; tag web, eu; type tcp" in told


def test_of_many_values_only_some_are_reported() -> None:
    with pytest.raises(UsageError, match="and 12 more"):
        select([endpoint(f"host {number}") for number in range(20)], ["nothing"])


def test_without_endpoints_nothing_is_selected() -> None:
    assert select([], []) == ()
    with pytest.raises(UsageError, match="no endpoint at all"):
        select([], ["x"])


@given(st.text())
def test_any_text_is_a_selection_or_a_usage_error(expression: str) -> None:
    try:
        selects = compile_selection([expression])
    except UsageError:
        return
    assert isinstance(selects(SHOP), bool)


@pytest.mark.parametrize(
    ("glob", "text", "fit"),
    [("api*", "API 1", True), (" API [1] ", "api [1]", True), ("[ab]c", "Bc", True), ("a", "ab", False)],
)
def test_a_glob_fits_in_any_case_of_letters(glob: str, text: str, fit: bool) -> None:
    known = Glob(glob)
    assert [known[text], known[text]] == [fit, fit]


def test_one_of_several_values_is_enough() -> None:
    assert fits(FIELDS["tag"], "e*")(SHOP)
    assert not fits(FIELDS["tag"], "e*")(ODD)


@pytest.mark.parametrize(
    ("word", "meant"), [("grup", "group"), ("tags", "tag"), ("db", None), ("http", None)]
)
def test_a_slip_of_the_pen_is_near_a_field(word: str, meant: str | None) -> None:
    assert slip(word, FIELDS) == meant
