"""Results as blobs."""

import random

from hypothesis import given
from hypothesis import strategies as st

from monitor.store.packing import Row, pack, unpack

NUMBERS = st.none() | st.integers(0, 2**40)
ROWS = st.lists(
    st.builds(Row, st.integers(0, 2**45), st.integers(0, 3), NUMBERS, NUMBERS, NUMBERS),
    min_size=1,
    max_size=50,
)


@given(ROWS)
def test_rows_come_back_as_they_were(rows: list[Row]):
    assert unpack(pack(rows)) == rows


def test_an_hour_of_an_endpoint_takes_few_bytes_a_result():
    chosen = random.Random(1)
    rows = [
        Row(1_800_000_000_000 + 10_000 * n + chosen.randint(0, 3), 0, None, chosen.randint(4000, 4400), 7)
        for n in range(360)
    ]
    assert len(pack(rows)) / len(rows) < 3.5
