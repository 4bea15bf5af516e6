"""What endpoints present, for a calendar."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.engine.paging import AT_ONCE
from monitor.engine.presented import newest, page
from monitor.model import Certificate, Explanation, Hop, Result, Status

ISSUER = Certificate(subject="CN=CA", issuer="CN=Root", not_before=0.0, not_after=50.0, fingerprint="ca")
LEAF = Certificate(
    subject="CN=shop", issuer="CN=CA", not_before=1.0, not_after=90.0, names=("shop", "www"), fingerprint="a"
)


def result(*certificates: Certificate, at: float = 1.0) -> Result:
    """A check whose hops showed ``certificates``."""
    hops = tuple(Hop(asked="", answered="", certificate=one) for one in certificates)
    return Result(
        endpoint="a",
        status=Status.UP,
        reason=None,
        message="",
        checked_at=at,
        certificate=certificates[-1] if certificates else None,
        explanation=Explanation(hops=hops),
    )


def watched(last: Result | None = None, good: Result | None = None, failure: Result | None = None) -> Any:
    return SimpleNamespace(last=last, last_good=good, last_failure=failure)


def told(one: Any) -> Any:
    return page({3: one}, -1, str).certificates


OTHER = replace(LEAF, fingerprint="b")
SEEN = [
    (watched(), ()),
    (watched(result(LEAF)), (LEAF,)),
    (watched(result(OTHER, LEAF)), (OTHER, LEAF)),
    (watched(result(at=9.0), good=result(LEAF, at=5.0), failure=result(OTHER, at=7.0)), (OTHER,)),
    (watched(result(at=9.0), good=result(LEAF, at=5.0), failure=result(at=7.0)), (LEAF,)),
]


@pytest.mark.parametrize(("one", "certificates"), SEEN)
def test_the_last_check_that_saw_any_counts(one: Any, certificates: Any) -> None:
    assert newest(one) == certificates
    assert [found.fingerprint for found in told(one)] == [found.fingerprint for found in certificates]


def test_the_end_of_the_whole_chain_counts_and_whose_it_is() -> None:
    (alone,) = told(watched(result(LEAF)))
    assert (alone.handle, alone.expires, alone.ends_first) == (3, 90.0, "")
    (chained,) = told(watched(result(replace(LEAF, issuers=(ISSUER,)))))
    assert (chained.expires, chained.ends_first) == (50.0, "CN=CA")


def test_of_very_many_names_some_are_told() -> None:
    (one,) = told(watched(result(replace(LEAF, names=tuple(map(str, range(100)))))))
    assert (len(one.names), one.more_names) == (20, 80)


def test_secrets_are_masked() -> None:
    (one,) = page({3: watched(result(LEAF))}, -1, lambda text: text.replace("shop", "•••")).certificates
    assert (one.subject, one.names) == ("CN=•••", ("•••", "www"))


def test_very_many_are_told_page_by_page() -> None:
    many = {handle: watched(result(LEAF)) for handle in reversed(range(AT_ONCE + 5))}
    first = page(many, -1, str)
    assert [one.handle for one in first.certificates] == list(range(AT_ONCE))
    assert first.after == AT_ONCE - 1
    rest = page(many, first.after, str)
    assert [one.handle for one in rest.certificates] == list(range(AT_ONCE, AT_ONCE + 5))
    assert rest.after is None
