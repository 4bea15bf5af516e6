"""`monitor notifier` is for the engine; tests/alerts/test_notifier.py drives it."""

from monitor.commands import notifier


def test_it_is_in_no_list_of_commands():
    assert notifier.HELP == ""
