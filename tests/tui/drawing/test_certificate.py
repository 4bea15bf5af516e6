import pytest

from monitor.model import Certificate
from monitor.tui.drawing.certificate import certificate, expiry_style
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

NOW = 1_800_000_000.0
LAYOUT = TextLayout(UNICODE, PALETTES["dark"])


def presented(**changes):
    values = {
        "subject": "CN=shop.example.com",
        "issuer": "CN=Some CA",
        "not_before": NOW - 86400,
        "not_after": NOW + 60 * 86400,
        "names": ("shop.example.com", "www.example.com"),
        "fingerprint": "ab" * 32,
    }
    return Certificate(**values | changes)


def drawn(found, width=60):
    return [
        "".join(segment.text for segment in line) for line in certificate(found, NOW, width, layout=LAYOUT)
    ]


@pytest.mark.parametrize(
    ("days", "style"), [(-0.1, "bad"), (-40, "bad"), (0.1, "warn"), (29.9, "warn"), (30, "good")]
)
def test_an_expired_certificate_is_red(days, style):
    assert expiry_style(days, LAYOUT) == getattr(LAYOUT.palette, style)


def test_everything_of_a_certificate_is_reported():
    text = "\n".join(drawn(presented()))
    for part in (
        "60 days left",
        "CN=shop.example.com",
        "www.example.com",
        "CN=Some CA",
        "not before",
        "abababab",
    ):
        assert part in text


def test_an_issuer_that_expires_first_counts():
    lines = drawn(presented(issuers=(presented(subject="CN=Some CA", not_after=NOW + 5 * 86400),)))
    assert lines[0].endswith("5 days left")
    assert any("chain until" in line for line in lines)
    assert any("issuer 1" in line and "CN=Some CA" in line for line in lines)


def test_what_was_sent_without_need_is_marked_and_counts_for_nothing():
    lines = drawn(presented(unneeded=(presented(subject="CN=Old CA", not_after=NOW - 86400),)))
    assert any("not needed" in line and "CN=Old CA" in line for line in lines)
    assert not any("expired" in line or "chain until" in line for line in lines)


def test_a_chain_that_ends_with_the_certificate_is_not_told_twice():
    assert not any("chain until" in line for line in drawn(presented(issuers=(presented(),))))


def test_no_certificate_is_said():
    assert drawn(None) == ["none was presented"]


def test_hundreds_of_names_are_cut():
    text = " ".join(drawn(presented(names=tuple(f"n{n}.example" for n in range(300))), 400))
    assert "and 280 more" in text


def test_foreign_text_cannot_reach_the_terminal_raw():
    assert "\x1b" not in "".join(drawn(presented(subject="\x1b[2Jx", names=("\x1b]0;x\x07",))))
