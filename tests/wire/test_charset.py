"""Encodings of bodies, found as browsers find them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from monitor.text import decode
from monitor.wire.charset import detect

HTML = "text/html"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        # the byte order mark before all
        (b"\xef\xbb\xbf\xe2\x82\xac", "text/html; charset=windows-1252", "€"),
        ("€".encode("utf-16-le").join([b"\xff\xfe", b""]), "text/html; charset=utf-8", "€"),
        ("€".encode("utf-16-be").join([b"\xfe\xff", b""]), "", "€"),
        # then the header
        (b"\x80", "text/plain; charset=windows-1252", "€"),
        (b"\x80", 'text/plain; Charset="ISO-8859-1"', "€"),
        (b"\x80", "text/plain; charset=us-ascii", "€"),
        (b"\x80", "text/plain;charset='latin1'", "€"),
        (b"\xa4", "text/plain; charset=iso-8859-15", "€"),
        (b"\x82\xa0", "text/plain; charset=x-sjis", "あ"),
        (b"\xa2\xe3", "text/plain; charset=gb2312", "€"),
        (b"\xf4\xc5\xd3\xd4", "text/plain; charset=koi8-r", "Тест"),
        (b"<meta charset=utf-8>\x80", "text/html; charset=windows-1252", "<meta charset=utf-8>€"),
        ("ä".encode("utf-16-le"), "text/plain; charset=utf-16", "ä"),
        # a label that nobody knows counts for nothing
        (b"\xc3\xa9", "text/plain; charset=klingon", "é"),
        (b"\xc3\xa9", "text/plain; charset=utf-7", "é"),
        (b"\xc3\xa9", "text/plain; charset=hz-gb-2312", "é"),
        (b"\xc3\xa9", "text/plain; charset=", "é"),
        (b"\xc3\xa9", "charset=windows-1252", "é"),  # which is the media type itself
        # then the page itself
        (b'<meta charset="windows-1252">\x80', HTML, '<meta charset="windows-1252">€'),
        (b"<META CHARSET=ISO-8859-1 >\x80", HTML, "<META CHARSET=ISO-8859-1 >€"),
        (b"<meta charset='koi8-r'/>\xf4", HTML, "<meta charset='koi8-r'/>Т"),
        (
            b'<meta http-equiv=content-type content="text/html; charset=windows-1251">\xf2',
            HTML,
            '<meta http-equiv=content-type content="text/html; charset=windows-1251">т',
        ),
        (b"<meta charset=utf-16>\xc3\xa9", HTML, "<meta charset=utf-16>é"),
        (b"<meta name=charset content=koi8-r>\xc3\xa9", HTML, "<meta name=charset content=koi8-r>é"),
        (b" " * 1024 + b"<meta charset=koi8-r>\xc3\xa9", HTML, " " * 1024 + "<meta charset=koi8-r>é"),
        (b"<meta charset=koi8-r>\xc3\xa9", "text/plain", "<meta charset=koi8-r>é"),
        # then UTF-8, then windows-1252
        (b"\xc3\xa9", HTML, "é"),
        (b"\xc3\xa9", "", "é"),
        (b"\x80", HTML, "€"),
        (b"\x80", "", "€"),
        (b"\xe2\x82\xac\xe2\x82", "", "€�"),  # cut at max_body
    ],
)
def test_the_text_is_the_one_that_a_browser_shows(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, detect(body, content_type)) == text


def test_a_page_in_a_comment_and_an_xml_declaration_are_told_apart() -> None:
    assert detect(b"<!-- <meta charset=koi8-r> --><meta charset=windows-1251>\xf2", HTML) == "cp1251"
    assert detect(b"<?xml version='1.0' encoding='iso-8859-2'?>\xe8", "application/xhtml+xml") == "iso8859-2"
    assert detect(b"\xc4\xe3", "text/plain; charset=gb2312") == "gb18030"


@given(st.binary(max_size=60), st.sampled_from(sorted(LABELS)))
def test_decoding_never_raises_whatever_the_label(body: bytes, label: str) -> None:
    assert isinstance(decode(body, detect(body, f"text/plain; charset={label}")), str)


@given(st.binary(max_size=80), st.text(max_size=30))
def test_nothing_that_a_server_sends_raises(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, detect(b"<meta charset=" + body, content_type)), str)
    assert isinstance(decode(body, detect(body, f"text/html; charset={content_type}")), str)


def test_a_label_that_never_comes_takes_no_time() -> None:
    begun = time.process_time()
    assert detect(b"", f"text/html; charset={' ' * 300_000};") == "utf-8"
    assert time.process_time() - begun < 1
