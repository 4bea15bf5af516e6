"""Host names as browsers and curl have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.wire.hosts import bracketed, host_on_wire, verified_name


@pytest.mark.parametrize(
    ("host", "on_wire"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com."),
        ("straße.example", "xn--strae-oqa.example"),
        ("STRASSE.example", "strasse.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("日本語。jp", "xn--wgv71a119e.jp"),
        ("☃.example", "xn--n3h.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("my_host-.example", "my_host-.example"),
        ("_sip._tcp.example", "_sip._tcp.example"),
        ("ex%61mple.com", "example.com"),
        ("2001:DB8::1", "2001:DB8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_host_is_made_fit_for_the_wire(host: str, on_wire: str) -> None:
    assert host_on_wire(host) == on_wire


@pytest.mark.parametrize(
    "host",
    [
        "",
        "x y",
        "a..b",
        ".a",
        "a\tb",
        "a/b",
        "a@b",
        "x" * 64,
        ".".join(["x" * 60] * 5),
        "a\u200db.c",
        "1:2",
        "%ff",
    ],
)
def test_what_no_host_is_called_is_refused_and_not_quoted(host: str) -> None:
    with pytest.raises(ValueError, match=r"^the host") as caught:
        host_on_wire(host)
    assert len(host) < 2 or host not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_host_in_ascii_or_a_value_error(text: str) -> None:
    try:
        host = host_on_wire(text)
    except ValueError:
        return
    assert host.isascii()
    assert host_on_wire(host) == host
    assert not set(host) & set("/?#@ \\")


def test_an_ipv6_address_stands_in_brackets_before_a_port() -> None:
    assert (bracketed("2001:db8::1"), bracketed("a.example")) == ("[2001:db8::1]", "a.example")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Example.com.", "example.com"),
        ("straße.example.", "xn--strae-oqa.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_a_certificate_names_a_host_without_final_dot_and_interface(host: str, name: str) -> None:
    assert verified_name(host) == name
