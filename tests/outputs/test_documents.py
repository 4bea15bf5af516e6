"""JSON on streams of any encoding."""

from __future__ import annotations

import io
import json

import pytest

from monitor.outputs.documents import is_narrow, write_document

DOCUMENT = {"name": "Zürich → 東京", "checks": [1, 2.5, None]}


@pytest.mark.parametrize(
    ("encoding", "narrow"), [("ascii", True), ("latin-1", True), ("utf-8", False), ("utf-16", False)]
)
def test_a_document_comes_back_as_it_was(encoding: str, narrow: bool):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert is_narrow(out) is narrow
    write_document(DOCUMENT, out)
    out.seek(0)
    text = out.read()
    assert text.endswith("}\n")
    assert ("東京" in text) is not narrow
    assert json.loads(text) == DOCUMENT


def test_a_stream_without_an_encoding_takes_everything():
    out = io.StringIO()
    write_document(DOCUMENT, out)
    assert "東京" in out.getvalue()
