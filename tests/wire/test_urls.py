"""URLs as they go on the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.urls import host_and_port, joined, parse


@pytest.mark.parametrize(
    ("text", "shown", "authority"),
    [
        ("http://x", "http://x/", "x"),
        ("HTTPS://X:443/a?b#c", "https://x/a?b", "x"),
        ("http://[::1]:8080/", "http://[::1]:8080/", "[::1]:8080"),
        ("http://[fe80::1%25eth0]:8080/", "http://[fe80::1%25eth0]:8080/", "[fe80::1]:8080"),
        (
            "http://bücher.example/ü ö?q=ß d",
            "http://xn--bcher-kva.example/%C3%BC%20%C3%B6?q=%C3%9F%20d",
            None,
        ),
        ("http://x/%41%zz", "http://x/%41%zz", "x"),
        ("http://u:p@x/", "http://x/", "x"),
        ("http://x/a/../b?c=/../d", "http://x/b?c=/../d", "x"),
        ("http://x/./a/./../..", "http://x/", "x"),
        ("http://x/../../a/b/..", "http://x/a/", "x"),
        ("http://x/a//../b/.", "http://x/a/b/", "x"),
        ("http://x/.a/..b/c./%2e%2e/d", "http://x/.a/..b/c./%2e%2e/d", "x"),
    ],
)
def test_a_url_is_made_fit_for_the_wire(text: str, shown: str, authority: str | None) -> None:
    url = parse(text)
    assert str(url) == shown
    assert authority in (None, url.authority)


@given(st.text(max_size=30))
def test_anything_is_a_url_in_ascii_or_a_value_error(text: str) -> None:
    try:
        url = parse(f"http://x/{text}")
    except ValueError:
        return
    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "http://x/b"),
        ("b?c", "http://x/a/b?c"),
        ("//y/z", "http://y/z"),
        ("https://y", "https://y/"),
        ("?q", "http://x/a/?q"),
        ("ftp://y", None),
        ("http://y/a/../b", "http://y/b"),
        ("../../b/./c", "http://x/b/c"),
        ("http://x:99999/", None),
        ("http://[bad/", None),
    ],
)
def test_a_location_leads_somewhere_or_nowhere(location: str, leads_to: str | None) -> None:
    found = joined(parse("http://x/a/"), location)
    assert (None if found is None else str(found)) == leads_to


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("x", ("x", 80)),
        ("x:1", ("x", 1)),
        ("[::1]:2", ("::1", 2)),
        ("::1", ("::1", 80)),
        ("[::1]", ("::1", 80)),
    ],
)
def test_an_address_is_taken_apart(text: str, pair: tuple[str, int]) -> None:
    assert host_and_port(text, 80) == pair
