"""One config file, and what is wrong in it."""

from pathlib import Path

import pytest

from monitor.config import document as documents
from monitor.config.document import dotted, read
from monitor.errors import ConfigError, FieldError


def refusal(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file)
    (problem,) = caught.value.problems
    assert problem.file == str(file)
    return f"{problem.line}: {problem.key}: {problem.text}"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a = 1\nb = \n", "2: syntax: invalid value"),
        (b"a = 1\nb = [2,\n\n\n", "2: syntax: a value, or the closing ] or }, is missing"),
        (b"a = 1\nb = [2\n\n\n", "2: syntax: unclosed array"),
        (b"a = 1\na = 2\n", "2: syntax: cannot overwrite a value; the key is there already"),
        (b"[a]\n[a]\n", "2: syntax: cannot declare ('a',) twice; it is there already"),
        (
            b"a = 5s\n",
            "1: syntax: expected newline or end of document after a statement; text goes in quotes",
        ),
        (b"a = b\n", "1: syntax: invalid value; text goes in quotes"),
        (b'a = "b\n', "1: syntax: illegal character '\\n'; a string ends on its line"),
        (
            b'a = "\\d"\n',
            r"1: syntax: unescaped '\' in a string; in single quotes, as in '^\d+$', a backslash",
        ),
        (b"a = [1,\n", "1: syntax: "),
        (b"a = 1\nb = [1,\n\n# the end\n", "2: syntax: "),
        (b'a = [1\n\n[[endpoints]]\nurl = "x"\n', "1: syntax: "),
        (b"\xff\xfe\x00garbage", "1: syntax: is not UTF-8 text"),
        (b"a = 1\nb = '\xe9'\n", "2: syntax: is not UTF-8 text"),
        (b"\x7fELF\x01\x02\x00", "1: syntax: "),
        (b"a = " + b"[" * 100_000, "1: syntax: arrays or tables are nested too deep"),
        (b"a = 2020-02-31T00:00:00Z\n", "1: syntax: "),
    ],
    ids=lambda value: "",
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(data)
    assert refusal(file).startswith(said)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    assert refusal(tmp_path / "missing.toml") == "1: file: cannot be read: no such file or directory"
    assert refusal(tmp_path) == "1: file: cannot be read: is a directory"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LARGEST", 1 << 20)
    file = tmp_path / "a.toml"
    file.write_bytes(b"#" * (1 << 20) + b"#")
    assert "larger than 1 MiB" in refusal(file)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    document = read(file)
    assert document.table == {"a": 1, "b": 2}
    assert document.line(("b",)) == 2


def test_what_is_not_written_has_the_line_of_what_is_around_it(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("x = 1\n[[e]]\nname = 1\n")
    document = read(file)
    assert document.line(("e", 0, "url")) == 2
    assert document.line(("nowhere",)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '[[endpoints]]\nurl = "a"\n\n[[endpoints]]\nurl = "b"\n',
        'x = """\n[[endpoints]]\n"""\n[[endpoints]]\n[[endpoints]]\n',
        'endpoints = [\n  { url = "a" },\n  { url = "b" },\n]\n',
        '[["endpoints"]]\n[[endpoints]]\nurl = "b"\n',
    ],
)
def test_an_endpoint_has_the_line_of_its_header_however_it_is_written(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text)
    document = read(file)
    assert [document.source(("endpoints", at)).line for at in (0, 1)] == [
        document.lines[("endpoints", at)] for at in (0, 1)
    ]


def test_a_field_error_is_told_at_its_key_even_when_keys_hold_dots(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[[e]]\nurl = 1\n[e.expect.json]\n"$.a.b" = 1\n"$.a" = 2\n')
    document = read(file)
    document.complain_of(("e", 0), FieldError("expect.json.$.a.b", "is wrong"))
    (problem,) = document.problems
    assert (problem.line, problem.key) == (4, "e[0].expect.json.$.a.b")


def test_a_path_is_written_as_people_would() -> None:
    assert dotted(("endpoints", 2, "expect", "status")) == "endpoints[2].expect.status"
