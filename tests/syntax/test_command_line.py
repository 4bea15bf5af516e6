"""Command lines and the secrets in them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.redact import MASK, Piece, Secretive
from monitor.syntax.command_line import joined, words


def line(*parts: str | tuple[str]) -> Secretive:
    """A line as the config makes it; a secret stands in a tuple."""
    pieces = [Piece(part[0], True) if isinstance(part, tuple) else Piece(part, False) for part in parts]
    shown = "".join(MASK if piece.is_secret else piece.text for piece in pieces)
    return Secretive("".join(piece.text for piece in pieces), shown, pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exec:/bin/x -a 'b c'", ["/bin/x", "-a", "b c"]),
        ("EXEC:x", ["x"]),
        (line("exec:x -p ", ("a b'c\\",)), ["x", "-p", "a b'c\\"]),
        (line("exec:x '", ("a'b",), "' y"), ["x", "a'b", "y"]),
        (line("exec:x --key=", ("a b",), ":", ("c",), " z"), ["x", "--key=a b:c", "z"]),
        (line("exec:", ("/opt/my plugin",), " z"), ["/opt/my plugin", "z"]),
        (line(("exec:x 'a b'",), " z"), ["x", "a b", "z"]),
        (Secretive("exec:x a", f"exec:x {MASK}"), ["x", "a"]),
    ],
)
def test_a_command_line_is_split_as_by_a_shell_but_no_secret_is(text: str, expected: list[str]) -> None:
    assert words(text, "exec:") == expected


@given(st.text(min_size=1), st.text(min_size=1))
def test_whatever_a_secret_holds_stays_one_word(first: str, second: str) -> None:
    text = line("exec:run ", (first,), " 'x ", (second,), "'")
    assert words(text, "exec:") == ["run", first, f"x {second}"]
    again = joined(text, "exec:")
    assert shlex.split(again.removeprefix("exec:")) == words(text, "exec:")
    assert isinstance(again, Secretive)
    assert again.shown == text.shown


def test_a_line_without_secrets_stays_as_written() -> None:
    assert joined("exec:run  'a'", "exec:") == "exec:run  'a'"
