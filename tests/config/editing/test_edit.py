"""Changing a config's endpoints, and nothing else in its text."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.editing.edit import added, count, indexes_at, removed, with_enabled
from monitor.errors import EditError

FILE = '''\
# What we watch.
include = ["conf.d/*.toml"]

[defaults]
interval = "30s"   # calm

# ── shop ──

# The front.
[[endpoints]]
name = "front"     # the one that sells
url = "https://shop.test/"
# timeout = "1s"

# Where it keeps things.
# Ask Ann.
[[endpoints]]
  name = "db"
  url = """
# tcp://db.test:1
[[endpoints]]"""
  enabled = false  # until INC-42

# What has to hold.
[endpoints.expect]
latency = "1s"

[groups.shop]
timeout = "3s"
# the end
'''


def read(text: str) -> dict[str, Any]:
    return tomllib.loads(text.replace("\r\n", "\n"))


def between(before: str, after: str) -> tuple[str, str]:
    """What an edit took out of the middle, and what it put there."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return "".join(old), "".join(new)


def test_an_endpoint_is_added_behind_the_others():
    table = {"name": "mail", "url": "smtp://mail.test", "tags": ["eu"], "expect": {"latency": "2s"}}
    assert between(FILE, added(FILE, table)) == (
        "",
        dedent("""\
            [[endpoints]]
            name = "mail"
            url = "smtp://mail.test"
            tags = ["eu"]

            [endpoints.expect]
            latency = "2s"

            """),
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '[[endpoints]]\nurl = "x"\n'),
        ("# mine", '# mine\n\n[[endpoints]]\nurl = "x"\n'),
        ("[defaults]\n\n", '[defaults]\n\n[[endpoints]]\nurl = "x"\n'),
        ("[[endpoints]]\n[groups.g]\n", '[[endpoints]]\n\n[[endpoints]]\nurl = "x"\n\n[groups.g]\n'),
        ("a = 1\r\n", 'a = 1\r\n\r\n[[endpoints]]\r\nurl = "x"\r\n'),
    ],
)
def test_a_blank_line_parts_a_new_endpoint_from_what_is_around(text: str, after: str):
    assert added(text, {"url": "x"}) == after


FRONT = """\
# The front.
[[endpoints]]
name = "front"     # the one that sells
url = "https://shop.test/"
# timeout = "1s"

"""
DB = '''\
# Where it keeps things.
# Ask Ann.
[[endpoints]]
  name = "db"
  url = """
# tcp://db.test:1
[[endpoints]]"""
  enabled = false  # until INC-42

# What has to hold.
[endpoints.expect]
latency = "1s"

'''


@pytest.mark.parametrize(("indexes", "gone"), [([0], FRONT), ([1], DB), ([1, 0], FRONT + DB), ([], "")])
def test_an_endpoint_goes_with_its_tables_and_the_comments_above_it(indexes: list[int], gone: str):
    assert between(FILE, removed(FILE, indexes)) == (gone, "")


@pytest.mark.parametrize(
    ("text", "index", "after"),
    [
        ("a = 1\n\n[[endpoints]]\nurl = 1\n", 0, "a = 1\n"),
        ("[[endpoints]]\nurl = 1\n# b\n[[endpoints]]\nurl = 2", 0, "# b\n[[endpoints]]\nurl = 2"),
        ("[[endpoints]]\nurl = 1\n# b\n[[endpoints]]\nurl = 2", 1, "[[endpoints]]\nurl = 1\n"),
        ("[[endpoints]]\n[defaults]\n[endpoints.expect]\n[[endpoints]]\n", 0, "[defaults]\n[[endpoints]]\n"),
        ("[[endpoints]]\nurl = 1\n\n# far\n\n[endpoints.warn]\n", 0, ""),
        ('x = """\n# no comment"""\n[[endpoints]]\n', 0, 'x = """\n# no comment"""\n'),
    ],
)
def test_what_belongs_to_an_endpoint(text: str, index: int, after: str):
    assert removed(text, [index]) == after


@pytest.mark.parametrize(
    ("index", "enabled", "change"),
    [
        (0, False, ("", "enabled = false\n")),
        (0, True, ("", "enabled = true\n")),
        (0, None, ("", "")),
        (1, False, ("", "")),
        (1, True, ("  enabled = false  # until INC-42\n", "  enabled = true  # until INC-42\n")),
        (1, None, ("  enabled = false  # until INC-42\n", "  enabled = true  # until INC-42\n")),
    ],
)
def test_enabling_and_disabling(index: int, enabled: bool | None, change: tuple[str, str]):
    assert between(FILE, with_enabled(FILE, [index], enabled)) == change


def test_disabled_and_enabled_again_is_as_before():
    for text in (FILE, FILE.replace("\n", "\r\n"), "[[endpoints]]\n\turl = 1\n"):
        off = with_enabled(text, [0], False)
        assert read(off)["endpoints"][0]["enabled"] is False
        assert with_enabled(off, [0], None) == text


OTHERWISE = [
    "endpoints = []",
    "endpoints = [{ url = 'x' }]",
    "endpoints = [\n  { url = 'x' },\n]\n[defaults]",
]


@pytest.mark.parametrize("text", OTHERWISE)
def test_endpoints_written_otherwise_are_left_to_an_editor(text: str):
    with pytest.raises(EditError, match="edit it by hand"):
        removed(text, [0])
    with pytest.raises(EditError, match="edit it by hand"):
        with_enabled(text, [0], False)
    with pytest.raises(EditError, match="edit it by hand"):
        indexes_at([1], text)
    with pytest.raises(EditError, match="add it by hand"):
        added(text, {"url": "x"})


def test_an_endpoint_is_known_by_its_line():
    assert indexes_at([17, 10], FILE) == [1, 0]
    assert count(FILE) == 2


# ---- whatever the file looks like

WORDS = st.sampled_from(["a", "ü 日本", "[[endpoints]]", "# no", '"""', "x = 1"])
STRINGS = st.builds(
    lambda word, style: {
        "basic": '"' + word.replace('"', '\\"') + '"',
        "long": f'"""\n{word.replace(chr(34), "")}\n[[endpoints]]\n"""',
        "literal": f"'''{word}\n# {word}'''",
    }[style],
    WORDS,
    st.sampled_from(["basic", "long", "literal"]),
)
VALUES = STRINGS | st.sampled_from(
    ["1", "true", "[\n  1, # one\n  2,\n]", "{ a = [1, { b = 2 }] }", "2020-01-01"]
)
KEYS = st.lists(st.sampled_from(["url", "a", "dot.ted", '"quo ted"', "'ü'"]), unique=True, max_size=4)
REMARKS = st.sampled_from(["", "  # why", "\t"])
COMMENTS = st.lists(st.sampled_from(["# [[endpoints]]", "  # about", "#"]), max_size=2)
GAPS = st.lists(st.sampled_from(["", "  "]), max_size=2)


@st.composite
def pairs(draw: Any) -> str:
    return "".join(f"{draw(GAP_OR_COMMENT)}{key} = {draw(VALUES)}{draw(REMARKS)}\n" for key in draw(KEYS))


GAP_OR_COMMENT = st.sampled_from(["", "\n", "# inside\n", "  "])


@dataclass
class Piece:
    """Some of a file; ``of`` is the endpoint that it belongs to."""

    text: str
    of: int | None = None


@st.composite
def files(draw: Any) -> list[Piece]:
    pieces = [Piece(f"# intro\n\nroot = {draw(VALUES)}\n\n")]
    others = iter(["[defaults]", "[groups.g]", "[ groups . 'ü' ]", "[[alerts]]"])
    index = -1
    for kind in draw(
        st.lists(st.sampled_from(["endpoint", "endpoint", "below", "other", "remark"]), max_size=8)
    ):
        above = "".join(f"{comment}\n" for comment in draw(COMMENTS))
        gap = "".join(f"{blank}\n" for blank in draw(GAPS))
        if kind == "endpoint":
            index += 1
            header = draw(st.sampled_from(["[[endpoints]]", '[["endpoints"]] # here', "[[ endpoints ]]"]))
            pieces.append(Piece(f"{above}{header}\n{draw(pairs())}{gap}", index))
        elif kind == "below" and index >= 0 and f"[endpoints.t{index}]" not in str(pieces):
            pieces.append(Piece(f"{above}[endpoints.t{index}]\n{draw(pairs())}{gap}", index))
        elif kind == "other" and (header := next(others, None)):
            pieces.append(Piece(f"{above}{header}\n{draw(pairs())}{gap}"))
        elif kind == "remark":
            pieces.append(Piece("\n# all by itself\n\n"))
    return pieces


STYLES = st.sampled_from([("\n", True), ("\n", False), ("\r\n", True), ("\r\n", False)])


def whole(pieces: list[Piece], style: tuple[str, bool]) -> str:
    newline, final = style
    text = "".join(piece.text for piece in pieces).replace("\n", newline)
    return text if final else text.removesuffix(newline)


def marks(text: str) -> list[str]:
    """The lines that say something."""
    return [line.rstrip("\r\n") for line in text.split("\n") if line.strip()]


def is_part(some: list[str], every: list[str]) -> bool:
    """Whether ``some`` are among ``every``, in the same order."""
    rest = iter(every)
    return all(line in rest for line in some)


TABLES = st.fixed_dictionaries(
    {"url": st.text(max_size=5)},
    optional={
        "tags": st.lists(st.text(max_size=3), max_size=2),
        "headers": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        "expect": st.fixed_dictionaries({"status": st.integers(100, 599)}),
        "warn": st.just({"json": {"$.a": {"lt": 1}}}),
    },
)


@given(files(), STYLES, TABLES)
def test_adding_adds_and_leaves_every_line_alone(pieces: list[Piece], style: Any, table: dict[str, Any]):
    before = whole(pieces, style)
    after = added(before, table)
    data = read(before)
    assert read(after) == {**data, "endpoints": [*data.get("endpoints", []), table]}
    taken, _ = between(before, after)
    assert taken.strip("\r\n") == "" or before.endswith(taken)  # the last line got its ending
    assert is_part(marks(before), marks(after))
    assert after.count("\r\n") == (after.count("\n") if style[0] == "\r\n" else 0)


@given(files(), STYLES, st.data())
def test_removing_removes_and_leaves_every_other_line_alone(pieces: list[Piece], style: Any, data: Any):
    before = whole(pieces, style)
    count = len(read(before).get("endpoints", []))
    doomed = data.draw(st.sets(st.integers(0, count - 1))) if count else set()
    after = removed(before, doomed)
    old = read(before)
    kept = [table for at, table in enumerate(old.pop("endpoints", [])) if at not in doomed]
    assert read(after) == (old | {"endpoints": kept} if kept else old)
    others = marks("".join(piece.text for piece in pieces if piece.of not in doomed or piece.of is None))
    assert is_part(marks(after), others)
    gone = Counter(others) - Counter(marks(after))
    assert set(gone) <= {"# all by itself"}  # when it stands inside an endpoint


@given(files(), STYLES, st.data(), st.sampled_from([True, False, None]))
def test_enabling_changes_one_line_each(pieces: list[Piece], style: Any, data: Any, enabled: bool | None):
    before = whole(pieces, style)
    count = len(read(before).get("endpoints", []))
    if not count:
        return
    indexes = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    after = with_enabled(before, indexes, enabled)
    wanted = read(before)
    for index in indexes:
        wanted["endpoints"][index] |= {} if enabled is None else {"enabled": enabled}
    assert read(after) == wanted
    assert is_part(marks(before), marks(after))
    assert len(marks(after)) == len(marks(before)) + (0 if enabled is None else len(indexes))
    assert with_enabled(after, indexes, None).rstrip() == before.rstrip()
