"""What the next key decides."""

from monitor.tui.picker import Pick, Picker


def test_a_key_chooses_one_thing_and_any_other_nothing():
    done = []
    picker = Picker([Pick("a", "first", lambda: done.append(1)), Pick("b", "second", lambda: done.append(2))])
    assert picker.hints == (("a", "first"), ("b", "second"))
    for key in ("b", "x", "escape", "a"):
        picker.take(key)
    assert done == [2, 1]
