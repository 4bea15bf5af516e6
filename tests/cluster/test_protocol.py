"""Messages of a cluster: what is ours comes through, and nothing else does any harm."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cluster.protocol import (
    LARGEST,
    Beat,
    Due,
    InvalidMessageError,
    Report,
    decode,
    due_subject,
    encode,
    location_of,
    received,
    result_subject,
    schedule_subject,
    token,
)
from monitor.model import Certificate, Explanation, Failed, Hop, HttpFacts, Measure, Reason, Result, Status

NOW = 1_800_000_000.0

FULL = Result(
    endpoint="shop",
    status=Status.DOWN,
    reason=Reason.STATUS_MISMATCH,
    message="expected status 200, got 503",
    checked_at=NOW,
    latency_ms=12.5,
    phases_ms={"connect": 1.0},
    address="192.0.2.1:443",
    http=HttpFacts(status=503, version="HTTP/1.1"),
    certificate=Certificate(subject="CN=shop", issuer="CN=ca", not_before=1.0, not_after=2.0),
    performance={"load": Measure(1.0, "s")},
    failed=(
        Failed(
            check="status", severity="expect", expected="200", actual="503", reason=Reason.STATUS_MISMATCH
        ),
    ),
    explanation=Explanation(asked="GET /", hops=(Hop(asked="GET /", answered="503"),), answer="a\nb"),
)


def test_a_report_comes_back_as_it_was_sent():
    assert received(encode(Report(agent="a", result=FULL)), NOW).result == FULL


@pytest.mark.parametrize("message", [Due(endpoint="ä ö"), Beat(agent="a", leaving=True)])
def test_every_message_comes_back(message: msgspec.Struct):
    assert decode(encode(message), type(message)) == message


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not a valid Report"),
        (b"{", "not a valid Report"),
        (b"[]", "not a valid Report"),
        (b"\xff\xfe", "not a valid Report"),
        (b'{"agent":"a"}', "missing required field"),
        (b"[" * 100_000, "not a valid Report"),
        (b" " * (LARGEST + 1), "262144 are allowed"),
        (b'{"agent":"a","result":{"endpoint":"x","status":"fine"}}', "Invalid enum value"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, told: str):
    with pytest.raises(InvalidMessageError, match=told):
        received(data, NOW)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"checked_at": NOW + 3600}, "from the clock"),
        ({"checked_at": -NOW}, "from the clock"),
        ({"latency_ms": -1.0}, "negative duration"),
        ({"phases_ms": {"connect": -1.0}}, "negative duration"),
        ({"phases_ms": {"con\nnect": 1.0}}, "a line break in its name"),
    ],
)
def test_a_result_that_cannot_be_is_refused(changes: dict[str, object], told: str):
    with pytest.raises(InvalidMessageError, match=told):
        received(encode(Report(agent="a", result=msgspec.structs.replace(FULL, **changes))), NOW)


def test_an_escape_sequence_never_reaches_a_screen():
    hostile = msgspec.structs.replace(
        FULL, message="\x1b[2J\u202e", address="\x1b]0;x\x07", phases_ms={"\x1b[2J": 1.0}
    )
    told = encode(received(encode(Report(agent="\x1b[2J", result=hostile)), NOW)).decode()
    assert "\x1b" not in told
    assert "\\u001b" not in told
    assert "\u202e" not in told


ESCAPES = [
    b"\\u001b[2J",
    b"\\t",
    b"\\r",
    b"\\b",
    b"\\f",
    b"\\u202e",
    b"\\u000a",
    "\u202e".encode(),
    b"\\\\u001b",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_however_a_character_is_written_it_is_cleaned(escape: bytes):
    data = encode(
        Report(agent="a", result=msgspec.structs.replace(FULL, explanation=Explanation(asked="MARK")))
    )
    asked = received(data.replace(b"MARK", escape), NOW).result.explanation.asked
    assert asked.replace("\n", "").isprintable()


def test_subjects_name_the_location_and_hold_any_id():
    assert due_subject("eu", "shop") == "monitor.due.eu.shop"
    assert schedule_subject("eu", "shop", 1.5) == "monitor.at.eu.shop.1500"
    assert location_of(result_subject("eu", "a.b *>\n")) == "eu"


def test_a_subject_with_no_proper_location_is_refused():
    with pytest.raises(InvalidMessageError):
        location_of("monitor.result.\x1b[2J.shop")


@given(st.text(max_size=200))
def test_any_id_is_one_token_of_a_subject(id: str):
    made = token(id)
    assert made
    assert not set(made) & set(" .*>\r\n\t\0")
    assert made.isascii()
    assert len(made) <= 64


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_ids_never_share_a_token(one: str, other: str):
    assert (token(one) == token(other)) is (one == other)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes):
    for type_ in (Due, Beat):
        with suppress(InvalidMessageError):
            decode(data, type_)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(list(Result.__struct_fields__)), JSON)
def test_no_field_of_a_result_does_more_than_be_refused(field: str, value: object):
    table = msgspec.to_builtins(Report(agent="a", result=FULL))
    table["result"][field] = value
    with suppress(InvalidMessageError):
        received(msgspec.json.encode(table), NOW)
