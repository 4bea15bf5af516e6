from dataclasses import replace

import pytest
from fake_source import NOW, failed, info, row

from monitor.link.certificates import CertificateInfo
from monitor.link.messages import Detail
from monitor.model import Certificate, Explanation, Hop, Result, Status
from monitor.tui.data.board import Entry
from monitor.tui.drawing.certificate import certificate, certificate_sections, expiry_style, find_certificate
from monitor.tui.drawing.text_layout import TextLayout
from monitor.tui.lists.certificate_expiry import CertificateExpiry
from monitor.tui.terminal.symbols import UNICODE
from monitor.tui.terminal.theme import PALETTES

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


# ---- with its chain, hops and endpoints


DAY = 86400.0
ROOT = Certificate(
    subject="CN=Root X1",
    issuer="CN=Root X1",
    not_before=NOW - 9e8,
    not_after=NOW + 9e8,
    fingerprint="ff" * 32,
)
MIDDLE = replace(ROOT, subject="CN=R11,O=Let's Encrypt", not_after=NOW + 20 * DAY, fingerprint="ee" * 32)
LEAF = Certificate(
    subject="CN=shop.test",
    issuer="CN=R11,O=Let's Encrypt",
    not_before=NOW - 50 * DAY,
    not_after=NOW + 40 * DAY,
    names=("shop.test",),
    fingerprint="aa" * 32,
    issuers=(MIDDLE, ROOT),
)
OTHER = replace(LEAF, subject="CN=old.test", fingerprint="bb" * 32, issuers=())


def result(*hops, certificate=LEAF):
    return Result(
        endpoint="shop",
        status=Status.UP,
        reason=None,
        message="",
        checked_at=NOW,
        certificate=certificate,
        explanation=Explanation(hops=hops),
    )


def detail(last=None, good=None):
    return Detail(handle=1, last=last, last_failure=None, last_good=good, points=(), phases_ms={})


HOPS = (
    Hop(asked="GET https://old.test/", answered="301", certificate=OTHER),
    Hop(asked="GET http://plain.test/", answered="301"),
    Hop(asked="GET https://shop.test/ [red]\x1b[2J", answered="200", certificate=LEAF),
)
PRESENTED = CertificateInfo(
    handle=1,
    fingerprint=LEAF.fingerprint,
    subject=LEAF.subject,
    issuer=LEAF.issuer,
    names=LEAF.names,
    not_before=LEAF.not_before,
    expires=MIDDLE.not_after,
)


def expiry(count=1):
    entries = [Entry(info(n, f"ep {n}"), failed(n) if n else row(n)) for n in range(count)]
    return CertificateExpiry(PRESENTED, tuple(entries))


def said(of=None, wrong="", count=1, width=60):
    lines = []
    for section in certificate_sections(expiry(count), of, wrong, NOW, layout=LAYOUT):
        lines += [f"== {section.title} {section.note}".strip()] if section.title else []
        lines += ["".join(s.text for s in line).rstrip() for line in section.draw(width, 20)]
    return lines


def test_the_whole_chain_is_reported():
    lines = said(detail(result()))
    assert [line for line in lines if line.startswith("==")] == [
        "== shop.test", "== Issuer 1", "== Issuer 2", "== Presented by 1",
    ]  # fmt: skip
    assert "validity   40 days left" in lines
    assert "validity   20 days left" in lines
    assert sum(line.startswith("sha-256") for line in lines) == 3


def test_what_was_sent_without_need_is_told_apart():
    old = replace(MIDDLE, subject="CN=Old", not_after=NOW - 86400 * 3, fingerprint="cc" * 32)
    lines = said(detail(result(certificate=replace(LEAF, unneeded=(old,)))))
    at = lines.index("== Sent, not needed")
    assert "validity   expired 3 days ago" in lines[at:]
    assert "validity   20 days left" in lines[:at]


def test_every_hops_certificate_is_reported():
    lines = said(detail(result(*HOPS)))
    at = lines.index("== Hops 3")
    assert lines[at + 1 : at + 7] == [
        "GET https://old.test/", "    40d old.test", "GET http://plain.test/", "  no certificate",
        "GET https://shop.test/ [red]␛[2J", "    20d shop.test",
    ]  # fmt: skip


def test_a_certificate_of_any_hop_of_any_check_is_found():
    last, good = result(*HOPS, certificate=None), result(certificate=OTHER)
    assert find_certificate(detail(last), OTHER.fingerprint) is OTHER
    assert find_certificate(detail(None, good), OTHER.fingerprint) is OTHER
    assert find_certificate(detail(last, good), "cc") is None
    assert find_certificate(None, "cc") is None


def test_before_the_details_come_what_is_known_is_reported():
    lines = said()
    assert "== shop.test" in lines
    assert "validity   20 days left" in lines
    assert "names      shop.test" in lines


def test_why_there_are_no_details_is_reported():
    assert said(wrong="the engine died")[0] == "the engine died"


def test_who_presents_it_is_told_up_to_a_number():
    lines = said(count=25)
    assert lines[lines.index("== Presented by 25") + 1] == "● up  ep 0  https://host0.test/"
    assert lines[-1] == "and 5 more"


def test_what_a_server_calls_itself_is_neither_markup_nor_control():
    nasty = replace(LEAF, subject="CN=[red]\x1b[2J", issuers=())
    lines = said(detail(result(certificate=nasty)))
    assert "== [red]␛[2J" in lines
    assert not any("\x1b" in line for line in lines)
