"""What a new config changes."""

from collections.abc import Callable

import pytest

from monitor.config import diff
from monitor.model import Config, Difference

OLD = '[[endpoints]]\nid = "a"\nurl = "tcp://a:1"\n[[endpoints]]\nid = "b"\nurl = "tcp://b:1"\n'


@pytest.mark.parametrize(
    ("new", "added", "removed", "changed", "said"),
    [
        (OLD, "", "", "", "no change"),
        ("\n\n# moved\n" + OLD, "", "", "", "no change"),
        (OLD + '[[endpoints]]\nid = "c"\nurl = "tcp://c:1"\n', "c", "", "", "+1"),
        (OLD.replace("tcp://b:1", "tcp://b:2"), "", "", "b", "~1"),
        (OLD.replace('id = "b"', 'id = "c"'), "c", "b", "", "+1 -1"),
        ('[defaults]\nexpect.latency = "1s"\n' + OLD, "", "", "ab", "~2"),
        ("", "", "ab", "", "-2"),
    ],
)
def test_endpoints_are_compared_by_id(
    loaded: Callable[[str], Config], new: str, added: str, removed: str, changed: str, said: str
) -> None:
    before, after = loaded(OLD), loaded(new)
    unchanged = frozenset("ab") - set(removed) - set(changed)
    difference = diff(before, after)
    assert difference == Difference(frozenset(added), frozenset(removed), frozenset(changed), unchanged)
    assert str(difference) == said
    assert bool(difference) is (said != "no change")


def test_how_dashboards_look_is_a_difference_of_its_own(loaded: Callable[[str], Config]) -> None:
    difference = diff(loaded(OLD), loaded('dashboard.theme = "light"\n' + OLD))
    assert difference
    assert str(difference) == "dashboard"
    assert not difference.changed
