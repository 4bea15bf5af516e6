"""What can be copied of an endpoint."""

import json
import shlex

import pytest
from fake_source import silence
from msgspec.structs import replace

from monitor.link.messages import Detail, EndpointInfo, EndpointStatus
from monitor.model import Acknowledgement, Explanation, Reason, Result, Slowdown, State, Status
from monitor.tui.data.board import Entry
from monitor.tui.data.copying import curl, error, row, summary

URL = "https://shop.test/health?a=b&c=d"


def entry(**info):
    fields = {
        "handle": 1,
        "id": "shop",
        "name": "Shop",
        "kind": "http",
        "target": URL,
        "tags": ("eu",),
    } | info
    failing = EndpointStatus(
        handle=1, state=State.DOWN, since=5.0, reason=Reason.MISSED, message="it's gone", latency_ms=1.5
    )
    return Entry(EndpointInfo(**fields), failing)


def detail(asked=None, failure=None):
    last = None if asked is None else result(explanation=Explanation(asked=asked))
    return Detail(handle=1, last=last, last_failure=failure, last_good=None, points=(), phases_ms={})


def result(**more):
    fields = {"endpoint": "shop", "status": Status.UP, "reason": None, "message": "200 OK", "checked_at": 1.0}
    return Result(**fields | more)


def test_a_summary_is_what_it_is_and_says():
    assert summary(entry()) == f"Shop {URL} down missed it's gone"


def test_the_last_error_is_told_with_its_reason():
    failure = result(status=Status.DOWN, reason=Reason.READ_TIMEOUT, message="no answer")
    assert error(entry(), detail(failure=failure)) == "Shop: read_timeout: no answer"
    assert error(entry(), detail()) == ""


OWN = "Host: shop.test\nUser-Agent: monitor/1\nAccept: */*\nAccept-Encoding: gzip\nConnection: close"
ASKED = [
    (None, []),
    (f"GET {URL} HTTP/1.1\n{OWN}", []),
    (f"HEAD {URL} HTTP/1.1\n{OWN}", ["--head"]),
    (f"POST {URL} HTTP/1.1\n{OWN}\nContent-Length: 3\nX: it's", ["-X", "POST", "-H", "X: it's"]),
    (f"GET {URL} HTTP/1.1\nHost: a.test\nCookie: •••", ["-H", "Host: a.test", "-H", "Cookie: •••"]),
]


@pytest.mark.parametrize(("asked", "options"), ASKED)
def test_the_request_is_a_curl_command_that_a_shell_understands(asked, options):
    assert shlex.split(curl(entry(), detail(asked))) == ["curl", "-v", *options, URL]


def test_what_is_not_http_has_no_curl_command():
    assert curl(entry(kind="tcp"), detail()) == ""


def test_a_row_is_one_line_of_json():
    told = row(entry())
    assert "\n" not in told
    read = json.loads(told)
    assert (read["endpoint"], read["state"], read["reason"], read["latency_ms"]) == (
        "Shop",
        "down",
        "missed",
        1.5,
    )
    assert (read["acknowledged"], read["silenced"]) == (None, None)
    assert (read["group"], read["tags"], read["message"]) == (None, ["eu"], "it's gone")


def test_marks_are_copied_with_who_and_what():
    marked = entry()
    marked.status = replace(
        marked.status,
        acknowledged=Acknowledgement(at=5.0, by="ann", note="on it"),
        silenced=silence(until=9.0),
        slower=Slowdown(phase="tls", since=0.0, ms=68.0, usual_ms=17.0),
    )
    read = json.loads(row(marked))
    assert read["acknowledged"] == {"at": 5.0, "by": "ann", "note": "on it", "until": None}
    assert (read["silenced"]["until"], read["silenced"]["id"]) == (9.0, "1")
    assert (read["slower"]["phase"], read["slower"]["factor"]) == ("tls", 4.0)
