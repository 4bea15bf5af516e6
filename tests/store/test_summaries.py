"""Summaries of many results."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.store.packing import Row
from monitor.store.summaries import Summary, by_place, decode, encode, merged

ROWS = st.lists(
    st.builds(
        Row,
        st.integers(0, 3_599_999),
        st.integers(0, 3),
        st.none(),
        st.none() | st.integers(1, 10**6),
        st.none(),
    ),
    max_size=80,
)


def plain(summary: Summary) -> tuple[list[int], dict[int, int]]:
    return summary.counts, dict(summary.latencies.counts)


@given(ROWS)
def test_the_minutes_of_an_hour_merge_into_the_hour(rows: list[Row]):
    minutes = by_place(rows, 0, 60_000)
    assert set(minutes) <= set(range(60))
    again = decode(encode(minutes))
    whole = Summary()
    for row in rows:
        whole.add(row)
    assert plain(merged(again.values())) == plain(merged(minutes.values())) == plain(whole)
    assert whole.checks == len(rows)


def test_only_passed_checks_have_latencies():
    summary = Summary()
    for status in range(4):
        summary.add(Row(0, status, None, 1000, None))
    assert summary.checks == 4
    assert (len(summary.latencies), summary.failed) == (2, 1)
