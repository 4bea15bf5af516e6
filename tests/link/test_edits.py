"""What is said about changing the config, as bytes."""

from typing import Any

import pytest

from monitor.fields import Asked
from monitor.link import edits
from monitor.link.messages import decode_answer, decode_request, encode
from monitor.model import Hunk, Result, Status

TEXTS = {"url": "https://a/?t=${TOKEN}", "expect.status": "200"}
HUNK = Hunk("/etc/monitor.toml", 3, ("interval = 1",), ("interval = 2", "timeout = 1"), "shop")
REQUESTS = [
    edits.GetForm(url="https:", like=3),
    edits.Judge(texts=TEXTS, file="/etc/monitor.toml"),
    edits.Try(texts=TEXTS),
    edits.Add(texts=TEXTS),
    edits.Remove(handles=(1, 2)),
    edits.Enable(handles=(1,), on=False),
    edits.GetBulkForm(handles=(1, 2)),
    edits.JudgeBulk(handles=(1, 2), texts={"interval": "5s"}),
    edits.BulkEdit(handles=(1, 2), texts={"tags": "+eu", "group": ""}),
    edits.Undo(edit=7),
]
ANSWERS = [
    edits.Form(kind="http", file="f", fields=(Asked(key="url", help="What.", choices=("a",)),), texts=TEXTS),
    edits.Judged(problems={"url": "is no URL", "": "f:3: x: y"}),
    edits.Judged(result=Result(endpoint="a", status=Status.UP, reason=None, message="ok", checked_at=1.0)),
    edits.Judged(hunks=(HUNK,), changed=(2, 1)),
    edits.Edited(ok=True, text="added", edit=1),
    edits.Edited(ok=False, text="not saved", problems={"url": "x"}),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_a_request_comes_over_as_it_was(request_: Any) -> None:
    assert decode_request(encode(request_)) == request_


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: type(one).__name__)
def test_an_answer_comes_over_as_it_was(answer: Any) -> None:
    assert decode_answer(encode(answer)) == answer
