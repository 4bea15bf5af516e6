"""How long the terminal takes to take what it is sent."""

import pytest

from monitor.tui.terminal.pace import Pace, in_words


def test_the_slowest_is_told_for_a_while():
    pace = Pace()
    assert pace.seconds(0.0) == 0.0
    pace.took(2.0, 10.0)
    pace.took(0.1, 11.0)
    assert pace.seconds(39.9) == 2.0
    assert pace.seconds(40.0) == 0.0


def test_what_is_as_slow_again_is_told_for_longer():
    pace = Pace()
    pace.took(2.0, 10.0)
    pace.took(3.0, 20.0)
    pace.took(3.0, 45.0)
    assert pace.seconds(70.0) == 3.0


def test_what_was_slow_long_ago_does_not_hide_what_is_slow_now():
    pace = Pace()
    pace.took(9.0, 10.0)
    pace.took(1.0, 50.0)
    assert pace.seconds(51.0) == 1.0


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, ""),
        (0.49, ""),
        (0.5, "slow line <1s"),
        (1.0, "slow line <1s"),
        (1.1, "slow line <2s"),
        (45.0, "slow line <60s"),
        (61.0, "slow line >1m"),
    ],
)
def test_only_what_an_operator_notices_is_told_and_coarsely(seconds, told):
    assert in_words(seconds) == told
