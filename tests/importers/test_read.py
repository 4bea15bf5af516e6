"""Files are read within bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.importers._read import bounded, clean, local_name, parse_json, parse_xml, read_text, texts_of


def test_text_may_have_a_byte_order_mark_or_be_utf_16(tmp_path: Path):
    file = tmp_path / "a"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file.write_text("grüße", encoding=encoding)
        assert read_text(file) == "grüße"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[" * 200 + "]" * 200, "nested too deep"),
        ("[" * 100_000, "nested too deep"),
        ("{", "not JSON"),
        ("9" * 9999, "JSON"),
    ],
)
def test_json_that_is_no_good_is_refused(text: str, complaint: str):
    with pytest.raises(UsageError, match=complaint):
        parse_json(text, "it")


def test_too_many_values_are_refused():
    with pytest.raises(UsageError, match="more than 1,000,000 values"):
        bounded([[0] * 1000] * 1001, "it")


def test_signs_that_no_toml_can_hold_are_replaced():
    assert clean("a\ud800\ue000b") == "a��b"


# ---- XML


def test_elements_come_in_order_with_their_text():
    found = parse_xml(b"<a><b x='1'>one<c>two</c></b></a>", "it")
    assert [(one.name, one.text, one.depth) for one in found] == [
        ("a", "", 0),
        ("b", "one", 1),
        ("c", "two", 2),
    ]
    assert found[1].attributes == {"x": "1"}
    assert list(texts_of(found, "c")) == ["two"]


def test_prefixes_do_not_matter():
    assert local_name("sm:Loc") == "loc"
