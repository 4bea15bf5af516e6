"""Shares of time as people see them."""

import pytest

from monitor.link.figures import hundredths

SHARES = [
    (0.0, 0),
    (0.0019, 10),
    (0.5, 5000),
    (0.98999, 9890),
    (0.99, 9900),
    (0.999999, 9999),
    (1.0, 10_000),
]


@pytest.mark.parametrize(("share", "shown"), SHARES)
def test_a_share_is_rounded_down_and_finer_from_99_per_cent_on(share, shown):
    assert hundredths(share) == shown
