"""What the endpoints of a message have in common."""

import pytest
from simulation import endpoint

from monitor.judge.common_cause import common_cause
from monitor.judge.shared_services import Failure, Seen
from monitor.model import Cause, Certificate, Endpoint, Reason


def failure(id: str, reason: Reason = Reason.CONNECTION_REFUSED) -> Failure:
    return Failure(id, reason)


def cause(
    failed: list[Endpoint], others: list[Endpoint], addresses: dict[str, str] | None = None
) -> Cause | None:
    known = {one.id: one for one in (*failed, *others)}
    found = common_cause(
        [failure(one.id) for one in failed], known, {id: Seen(one) for id, one in (addresses or {}).items()}
    )
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


# ── name servers and certificate authorities ────────────────────────────────────────────────────

DNS, REFUSED, UNTRUSTED = Reason.DNS_ERROR, Reason.CONNECTION_REFUSED, Reason.CERTIFICATE_UNTRUSTED


def literal(name: str, number: int) -> Endpoint:
    return endpoint(name, host=f"10.0.{number}.1")


RESOLVER = {
    "all names fail, and addresses are fine": (
        {"a": DNS, "b": DNS, "c": DNS}, [literal("x", 1)], "resolver 10.0.0.2",
    ),
    "everything that there is has a name and fails": ({"a": DNS, "b": DNS}, [], "resolver 10.0.0.2"),
    "one of them was checked before": ({"a": DNS, "b": DNS, "c": DNS}, [endpoint("x")], "resolver 10.0.0.2"),
    "most names are fine": (
        {"a": DNS, "b": DNS}, [endpoint("x"), endpoint("y"), endpoint("z")], "reason dns_error",
    ),
    "nearly all failures": (
        {"a": DNS, "b": DNS, "c": DNS, "d": DNS, "e": REFUSED}, [literal("x", 1)], "resolver 10.0.0.2",
    ),
    "other failures too": ({"a": DNS, "b": DNS, "c": REFUSED, "d": REFUSED}, [literal("x", 1)], None),
}  # fmt: skip


@pytest.mark.parametrize(("failed", "others", "expected"), RESOLVER.values(), ids=RESOLVER)
def test_the_resolver_is_the_cause_when_half_of_the_names_or_more_fail(
    failed: dict[str, Reason], others: list[Endpoint], expected: str | None
) -> None:
    known = {one.id: one for one in (*map(endpoint, failed), *others)}
    failures = [Failure(id, reason) for id, reason in failed.items()]
    found = common_cause(failures, known, {}, resolver="10.0.0.2")
    assert (str(found.cause) if found else None) == expected


def test_the_resolver_explains_only_failures_of_names() -> None:
    known = {id: endpoint(id) for id in "abcde"}
    failures = [Failure(id, DNS if id != "e" else REFUSED) for id in "abcde"]
    found = common_cause(failures, known, {}, resolver="10.0.0.2")
    assert found
    assert (found.endpoints, found.cause.count) == (frozenset("abcd"), 4)


def test_one_name_that_has_gone_is_no_fault_of_the_resolver() -> None:
    known = {id: endpoint(id, host="gone.example") for id in "ab"}
    found = common_cause([Failure("a", DNS), Failure("b", DNS)], known, {}, resolver="10.0.0.2")
    assert found
    assert str(found.cause) == "host gone.example"


def test_in_a_cluster_no_resolver_is_named() -> None:
    found = common_cause([Failure("a", DNS), Failure("b", DNS)], {id: endpoint(id) for id in "ab"}, {})
    assert found
    assert str(found.cause) == "reason dns_error"


def certificate(issuer: str, *above: str) -> Certificate:
    chain = tuple(Certificate(subject="", issuer=one, not_before=0.0, not_after=9.0) for one in above)
    return Certificate(subject="CN=leaf", issuer=issuer, not_before=0.0, not_after=9.0, issuers=chain)


R3, E5 = certificate("CN=R3,O=Let's Encrypt", "CN=X1"), certificate("CN=E5,O=Let's Encrypt", "CN=X1")
ISSUER = {
    "the same issuer": ({"a": R3, "b": R3}, {"x": None}, "issuer 'R3'"),
    "and all others have another": ({"a": R3, "b": R3}, {"x": E5, "y": E5}, "issuer 'R3'"),
    "everybody's issuer": ({"a": R3, "b": R3}, {}, "issuer 'R3'"),
    "the issuer above": ({"a": R3, "b": E5}, {"x": None}, "issuer 'X1'"),
    "most of its certificates are fine": (
        {"a": R3, "b": R3},
        {"x": R3, "y": R3, "z": R3},
        "address 10.0.0.1",
    ),
    "two issuers": ({"a": certificate("CN=A"), "b": certificate("CN=B")}, {"x": None}, "address 10.0.0.1"),
}


@pytest.mark.parametrize(("failed", "others", "expected"), ISSUER.values(), ids=ISSUER)
def test_an_issuer_is_the_cause_when_half_of_its_certificates_or_more_fail(
    failed: dict[str, Certificate], others: dict[str, Certificate | None], expected: str
) -> None:
    """Whoever fails is at one address, which is a cause only if no issuer is."""
    seen = {id: Seen("10.0.0.1:443", one) for id, one in failed.items()}
    seen |= {id: Seen(f"10.0.0.{9 + at}:443", one) for at, (id, one) in enumerate(others.items())}
    known = {id: endpoint(id) for id in (*failed, *others, "unseen")}
    found = common_cause([Failure(id, UNTRUSTED) for id in failed], known, seen)
    assert found
    assert str(found.cause) == expected
