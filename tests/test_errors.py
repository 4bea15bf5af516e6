"""What is told of an exception that nobody expected."""

from monitor.errors import crash


def test_a_crash_is_told_with_its_place_and_without_its_words() -> None:
    try:
        int("hunter2")
    except ValueError as error:
        told = crash(error)
    assert told.startswith("ValueError at test_errors.py:")
    assert "hunter" not in told
    assert crash(KeyError("hunter2")) == "KeyError"
