"""What the endpoints of a message have in common."""

import pytest
from simulation import endpoint

from monitor.judge.common_cause import Failure, common_cause
from monitor.model import Cause, Endpoint, Reason


def failure(id: str, reason: Reason = Reason.CONNECTION_REFUSED) -> Failure:
    return Failure(id, reason)


def cause(
    failed: list[Endpoint], others: list[Endpoint], addresses: dict[str, str] | None = None
) -> Cause | None:
    known = {one.id: one for one in (*failed, *others)}
    found = common_cause([failure(one.id) for one in failed], known, addresses or {})
    return found.cause if found else None


OTHER = endpoint("other")


@pytest.mark.parametrize(
    ("failed", "addresses", "kind", "value"),
    [
        ([endpoint("a", host="x"), endpoint("b", host="x")], {}, "host", "x"),
        ([endpoint("a"), endpoint("b")], {"a": "10.0.0.1:80", "b": "10.0.0.1:443"}, "address", "10.0.0.1"),
        ([endpoint("a"), endpoint("b")], {"a": "[::1]:80", "b": "[::1]:443"}, "address", "::1"),
        ([endpoint("a", group="g"), endpoint("b", group="g")], {}, "group", "g"),
        ([endpoint("a", depends_on=("s",)), endpoint("b", depends_on=("s", "t"))], {}, "dependency", "s"),
        ([endpoint("a"), endpoint("b")], {"a": "10.0.0.1:80", "b": "10.0.0.2:80"}, "network", "10.0.0.0/24"),
        ([endpoint("a"), endpoint("b")], {"a": "[fd00::1]:80", "b": "[fd00::2]:80"}, "network", "fd00::/64"),
        ([endpoint("a"), endpoint("b")], {"a": "x:80", "b": "y:80"}, "reason", "connection_refused"),
        ([endpoint("a"), endpoint("b")], {}, "reason", "connection_refused"),
    ],
)
def test_the_most_specific_thing_in_common_is_the_cause(failed, addresses, kind, value) -> None:
    assert cause(failed, [OTHER], addresses) == Cause(kind=kind, value=value, count=2)


def test_a_single_failure_has_nothing_in_common() -> None:
    assert cause([endpoint("a")], [OTHER]) is None


def test_a_host_of_nearly_all_failures_is_a_cause_and_one_of_half_of_them_is_not() -> None:
    five = [endpoint(name, host="x") for name in "abcd"] + [endpoint("e", host="y")]
    assert cause(five, [OTHER]) == Cause(kind="host", value="x", count=4)
    half = [
        endpoint("a", host="x"),
        endpoint("b", host="x"),
        endpoint("c", host="y"),
        endpoint("d", host="z"),
    ]
    assert cause(half, [OTHER]) == Cause(kind="reason", value="connection_refused", count=4)


@pytest.mark.parametrize(("fine", "kind"), [(3, "group"), (4, "reason")])
def test_a_group_of_which_most_are_fine_is_not_the_cause(fine: int, kind: str) -> None:
    failed = [endpoint(name, group="g") for name in "abc"]
    others = [endpoint(f"fine {number}", group="g") for number in range(fine)]
    found = cause(failed, [OTHER, *others])
    assert found is not None
    assert found.kind == kind


def test_it_says_which_failures_it_explains() -> None:
    five = [endpoint(name, host="x") for name in "abcd"] + [endpoint("e", host="y")]
    known = {one.id: one for one in (*five, OTHER)}
    found = common_cause([failure(one.id) for one in five], known, {})
    assert found
    assert found.endpoints == frozenset("abcd")


def test_an_endpoint_that_failed_twice_counts_once() -> None:
    known = {one.id: one for one in (endpoint("a", host="x"), OTHER)}
    assert common_cause([failure("a"), failure("a")], known, {}) is None


def test_a_cause_is_described_before_it_is_shown() -> None:
    known = {one.id: one for one in (endpoint("a", host="s3cret"), endpoint("b", host="s3cret"), OTHER)}
    found = common_cause([failure("a"), failure("b")], known, {}, lambda text: text.replace("s3cret", "•••"))
    assert found
    assert found.cause == Cause(kind="host", value="•••", count=2)
