"""Results made safe to leave this process."""

from typing import Any

from monitor.judge.expectations import BODY, JSON
from monitor.judge.quorum import Vote, verdict
from monitor.judge.redaction import redacted
from monitor.judge.verdict import judge, offline
from monitor.model import Certificate, Explanation, Hop, Observation
from monitor.redact import MASK, Redactor

BODY_BAD = BODY.compile("body", "x")


def seen(**kwargs: Any) -> Observation:
    facts = {"status": 200, "body": b"hello"}
    return Observation(started=1.0, latency_ms=40.0, message="200 OK", facts=facts, **kwargs)


def test_a_result_that_needs_no_change_stays_the_same_object() -> None:
    result = judge(
        "a",
        seen(explanation=Explanation(asked="GET /\nHost: a", hops=(Hop(asked="GET /", answered="200"),))),
        (),
        (),
    )
    assert redacted(result, Redactor(["hunter2"])) is result


def test_certificates_are_masked_with_their_issuers() -> None:
    issuer = Certificate(subject="CN=hunter2 CA", issuer="CN=root", not_before=0.0, not_after=1.0)
    leaf = Certificate(
        subject="CN=a",
        issuer="CN=hunter2 CA",
        not_before=0.0,
        not_after=1.0,
        names=("hunter2",),
        issuers=(issuer,),
        unneeded=(issuer,),
    )
    shown = redacted(judge("a", seen(certificate=leaf), (), ()), Redactor(["hunter2"]))
    assert "hunter2" not in repr(shown)
    assert shown.certificate
    assert (shown.certificate.names, shown.certificate.issuers[0].subject) == ((MASK,), f"CN={MASK} CA")
    assert shown.certificate.unneeded[0].subject == f"CN={MASK} CA"


def test_secrets_are_masked_wherever_they_turn_up() -> None:
    observation = seen(
        address="hunter2.example:80",
        explanation=Explanation(
            asked="GET /?key=hunter2\n\x1b[2J",
            hops=(Hop(asked="GET hunter2", answered="302"),),
            answer="token: hunter2",
        ),
    )
    observation.facts = {"status": 200, "body": b'{"token": "hunter2"}'}
    result = judge("a", observation, JSON.compile("json", {"$.token": "hunter2!"}), ())
    shown = redacted(result, Redactor(["hunter2"]))
    assert "hunter2" in repr(result)
    assert "hunter2" not in repr(shown)
    assert MASK in shown.failed[0].actual
    assert shown.explanation is not None
    assert shown.explanation.asked == f"GET /?key={MASK}\n␛[2J"


def test_a_secret_that_would_be_cut_in_half_is_masked_before_the_cut() -> None:
    observation = seen()
    observation.facts = {"body": b"x" * 95 + b"hunter2-and-more"}
    shown = redacted(judge("a", observation, BODY_BAD, ()), Redactor(["hunter2-and-more"]))
    assert "hunt" not in repr(shown)
    assert len(shown.failed[0].actual) <= 100


def test_foreign_messages_reach_nobody_as_escape_codes() -> None:
    observation = seen()
    observation.message = "\x1b]0;owned\x07 OK"
    assert redacted(judge("a", observation, (), ()), Redactor()).message == "␛]0;owned␇ OK"


def test_what_a_message_says_around_a_violation_stays() -> None:
    result = judge("x", seen(), BODY_BAD, ())
    redact = Redactor(["hello"])
    votes = Vote("IPv4", judge("x", seen(), (), ())), Vote("IPv6", result)
    over_six = redacted(verdict(votes, "any"), redact)
    assert over_six.message == f"IPv6: expected body x, got {MASK}"
    unbelieved = redacted(offline(result), redact)
    assert unbelieved.message == f"this machine is offline (expected body x, got {MASK})"
