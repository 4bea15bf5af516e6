import pytest

from monitor.link.messages import EndpointInfo
from monitor.model import (
    Explanation,
    Failed,
    Hop,
    HttpFacts,
    NetworkPath,
    PathHop,
    PathProtocol,
    Reason,
    Result,
    Status,
)
from monitor.tui.drawing.explained import REASON_WORDS, differences, explain, explained
from monitor.tui.drawing.text_layout import TextLayout, width_of
from monitor.tui.terminal.symbols import ASCII, UNICODE
from monitor.tui.terminal.theme import COLOURLESS, PALETTES

NOW = 1_800_000_000.0
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])
CARD = EndpointInfo(handle=1, id="x", name="X", kind="http", target="http://x/", timeout=3.0)


def check(status=Status.UP, **changes):
    values = {
        "endpoint": "x",
        "status": status,
        "reason": None,
        "message": "200 OK",
        "checked_at": NOW - 60,
        "latency_ms": 41.7,
        "address": "10.0.0.1:80",
    }
    return Result(**values | changes)


def failure(**changes):
    return check(Status.DOWN, **{"reason": Reason.READ_TIMEOUT, "message": "no answer"} | changes)


def drawn(failed, good, width=100, layout=LAYOUT):
    return [
        "".join(s.text for s in line) for line in explained(failed, good, CARD, NOW, width, layout=layout)
    ]


def test_every_reason_has_words():
    assert set(REASON_WORDS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_words_can_be_said_of_any_endpoint(reason):
    assert "{" not in explain(reason, CARD)


def test_a_timeout_says_how_long_was_waited():
    assert (
        explain(Reason.READ_TIMEOUT, CARD) == "the connection opened, but no complete answer came within 3s"
    )


def test_without_a_connection_none_is_said_to_have_opened():
    icmp = EndpointInfo(handle=1, id="x", name="X", kind="icmp", target="icmp://x", timeout=3.0)
    assert explain(Reason.READ_TIMEOUT, icmp) == "no complete answer came within 3s"


def test_failure_and_success_stand_side_by_side_where_it_is_wide():
    assert any(
        "LAST FAILURE" in line and "LAST GOOD CHECK" in line for line in drawn(failure(), check(), 120)
    )
    assert not any(
        "LAST FAILURE" in line and "LAST GOOD CHECK" in line for line in drawn(failure(), check(), 60)
    )


def test_reason_words_message_address_and_time_are_reported():
    text = "\n".join(drawn(failure(), check(), 80))
    for part in ("read_timeout: the connection opened", "no answer", "10.0.0.1:80", "1m ago"):
        assert part in text


def test_each_failed_assertion_has_what_was_expected_and_what_came():
    failed = Failed(
        check="json $.status",
        severity="expect",
        expected="ok",
        actual="starting",
        reason=Reason.JSON_MISMATCH,
    )
    lines = [line.split() for line in drawn(failure(failed=(failed,)), None, 60)]
    assert ["expect", "json", "$.status"] in lines
    assert ["expected", "ok"] in lines
    assert ["actual", "starting"] in lines


def test_what_was_asked_hops_tls_and_answer_are_reported():
    told = Explanation(
        asked="GET /health",
        hops=(Hop(asked="GET /", answered="302 to /health", address="10.0.0.1:80", latency_ms=12.0),),
        tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
        answer="HTTP/1.1 503\n\noops",
    )
    http = HttpFacts(status=503, version="HTTP/1.1", redirects=1, bytes=4)
    text = "\n".join(drawn(failure(explanation=told, http=http), None, 80))
    for part in (
        "GET /health",
        "GET / at 10.0.0.1:80: 302 to /health (12.0 ms)",
        "TLSv1.3",
        "oops",
        "1 redirect ",
    ):
        assert part in text


def test_where_the_network_path_ends_is_told_with_the_failure():
    hops = (PathHop(ttl=1, sent=5, trips_ms=(1.0,), addresses=("10.0.0.1",)), PathHop(ttl=2, sent=5))
    path = NetworkPath(at=NOW, target="10.9.0.1:80", protocol=PathProtocol.TCP, hops=hops)
    said = drawn(failure(explanation=Explanation(path=path)), None, 80)
    assert "path       stops at hop 1, 10.0.0.1: the target does not answer" in [one.rstrip() for one in said]


def test_a_changed_address_is_pointed_out():
    changes = list(differences(failure(address="10.0.0.2:80"), check()))
    assert changes == ["address changed: it passed at 10.0.0.1:80, it failed at 10.0.0.2:80"]


def test_much_more_time_is_pointed_out():
    assert list(differences(failure(latency_ms=500.0), check())) == [
        "it took 500 ms; when it last passed, 41.7 ms"
    ]


def test_without_a_failure_it_says_so_and_tells_the_last_check():
    text = "\n".join(drawn(None, check()))
    assert "no check has failed" in text
    assert "200 OK" in text


def test_without_any_check_it_says_so():
    assert any("none yet" in line for line in drawn(None, None))


HOSTILE = "\x1b[2J\x07[bold]\u202e\x9b31m" + "A" * 3000


@pytest.mark.parametrize("width", [20, 60, 120])
def test_foreign_text_stays_text_and_within_its_lines(width):
    told = Explanation(
        asked=HOSTILE, tls=HOSTILE, answer=HOSTILE * 3, hops=(Hop(asked=HOSTILE, answered=HOSTILE),)
    )
    failed = Failed(
        check=HOSTILE, severity="warn", expected=HOSTILE, actual=HOSTILE, reason=Reason.BODY_MISMATCH
    )
    hostile = failure(message=HOSTILE, address=HOSTILE, explanation=told, failed=(failed,))
    lines = explained(hostile, check(), CARD, NOW, width, layout=LAYOUT)
    text = "".join(segment.text for line in lines for segment in line)
    assert not set(text) & set("\x1b\x07\u202e\x9b")
    assert "[bold]" in text
    assert width < 40 or all(width_of(line) <= width for line in lines)


def test_an_ascii_terminal_gets_only_ascii():
    lines = drawn(failure(message="café · 日本"), check(), 120, TextLayout(ASCII, COLOURLESS))
    assert all(line.isascii() for line in lines)


def answering(body):
    answer = f"HTTP/1.1 503 Service Unavailable\nServer: nginx\n\n{body}"
    return failure(explanation=Explanation(asked="GET /health", answer=answer))


def test_the_body_of_the_answer_comes_before_facts_and_headers():
    lines = drawn(answering("pool exhausted"), None, 60)
    places = [
        next(place for place, line in enumerate(lines) if part in line)
        for part in ("503 Service Unavailable", "pool exhausted", "latency", "GET /health", "Server: nginx")
    ]
    assert places == sorted(places)


def test_a_long_body_begins_before_the_facts_and_is_shown_whole_behind_them():
    lines = drawn(answering("\n".join(f"line {n}" for n in range(40))), None, 60)
    assert sum(line.strip() == "line 0" for line in lines) == 2
    assert sum(line.strip() == "line 39" for line in lines) == 1
    assert any("28 more lines below" in line for line in lines)


def test_a_heartbeat_ran_no_command_here():
    push = EndpointInfo(handle=1, id="x", name="X", kind="push", target="push:x")
    assert explain(Reason.COMMAND_FAILED, push) == "the run reported that it failed"
    assert "command" in explain(Reason.COMMAND_FAILED, CARD)
