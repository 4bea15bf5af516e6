"""XML within bounds."""

from __future__ import annotations

from monitor.importers._xml import elements, local, texts


def test_elements_come_in_order_with_their_text():
    found = elements(b"<a><b x='1'>one<c>two</c></b></a>", "it")
    assert [(one.name, one.text, one.depth) for one in found] == [
        ("a", "", 0),
        ("b", "one", 1),
        ("c", "two", 2),
    ]
    assert found[1].attributes == {"x": "1"}
    assert list(texts(found, "c")) == ["two"]


def test_prefixes_do_not_matter():
    assert local("sm:Loc") == "loc"
