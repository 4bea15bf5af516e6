"""When certificates end."""

import pytest
from fake_source import NOW, failed, info, row

from monitor.link.certificates import CertificateInfo
from monitor.tui.data.board import Entry
from monitor.tui.filtered import has_words
from monitor.tui.lists.certificate_expiry import (
    Heading,
    brief,
    certificate_expiries,
    made_plain,
    names_in,
    under_headings,
)

DAY = 86400.0


def presented(handle, days, fingerprint="", **more):
    told = {"subject": f"CN=host{handle}", "issuer": "CN=R11,O=Let's Encrypt", "not_before": NOW - 9e6} | more
    return CertificateInfo(
        handle=handle, fingerprint=fingerprint or f"print {handle}", expires=NOW + days * DAY, **told
    )


def test_what_certificates_say_is_made_fit_for_a_terminal():
    foreign = {"subject": "CN=\x1b[2J", "issuer": "O=\x9b1m", "names": ("\u202e.test", "ok.test")}
    assert made_plain(presented(1, 9, "ab\x07", **foreign, ends_first="CN=\r\nx")) == presented(
        1, 9, "ab␇", subject="CN=␛[2J", issuer="O=�1m", names=("�.test", "ok.test"), ends_first="CN= x"
    )


ENTRIES = {handle: Entry(info(handle), row(handle), place=handle) for handle in range(9)} | {
    3: Entry(info(3), failed(3), place=3)
}


def found(*those):
    return certificate_expiries(those, ENTRIES)


def test_what_ends_soonest_comes_first():
    order = found(presented(1, 50), presented(2, -3), presented(4, 12))
    assert [expiry.entries[0].info.handle for expiry in order] == [2, 4, 1]


def test_endpoints_that_present_the_same_certificate_are_shown_together():
    (shared,) = found(*(presented(handle, 50, "same") for handle in (1, 2, 3, 4)))
    assert [entry.info.handle for entry in shared.entries] == [1, 2, 3, 4]
    assert shared.worst.info.handle == 3


def test_the_same_certificate_with_another_chain_is_told_apart():
    assert len(found(presented(1, 50, "same"), presented(2, 30, "same"))) == 2


def test_what_presents_two_certificates_is_there_twice():
    assert len(found(presented(1, 50, "a"), presented(1, 60, "b"))) == 2


def test_endpoints_that_have_gone_are_left_out():
    assert found(presented(99, 50)) == []


HEADINGS = [
    (-900, "expired"), (-0.1, "expired"), (0.1, "this week"), (6.9, "this week"), (7, "within 30 days"),
    (29.9, "within 30 days"), (30, "within 90 days"), (90, "later"), (4000, "later"),
]  # fmt: skip


@pytest.mark.parametrize(("days", "title"), HEADINGS)
def test_each_stands_under_the_heading_of_its_time(days, title):
    heading, expiry = under_headings(found(presented(1, days)), NOW)
    assert heading == Heading(title, 1)
    assert expiry.days_left(NOW) == pytest.approx(days)


def test_headings_come_in_order_and_only_where_they_have_any():
    rows = under_headings(found(presented(1, 400), presented(2, 3), presented(3, 4)), NOW)
    assert [row.title for row in rows if isinstance(row, Heading)] == ["this week", "later"]
    assert [row.count for row in rows if isinstance(row, Heading)] == [2, 1]


FILTERS = [
    ("", [2, 1]), ("host1", [1]), ("LET encrypt", [2, 1]), ("www.two", [2]), ("ep-1", [1]), ("print 2", [2]),
    ("host1 www", []),
]  # fmt: skip


@pytest.mark.parametrize(("words", "handles"), FILTERS)
def test_every_word_has_to_be_in_a_name(words, handles):
    every = found(presented(1, 50), presented(2, 3, names=("www.two",)))
    kept = [expiry for expiry in every if has_words(names_in(expiry), words)]
    assert [expiry.certificate.handle for expiry in kept] == handles


NAMES = [
    ("CN=shop.example.com,O=Acme,C=US", "shop.example.com"),
    ("CN=R11,O=Let's Encrypt,C=US", "Let's Encrypt R11"),
    ("O=Acme\\, Inc,C=US", "Acme, Inc"),
    ("C=US,OU=Web", "C=US,OU=Web"),
    ("OU=CN\\=x,CN=a+O=b", "b a"),
    ('CN=Örtlich \\"CA\\"', 'Örtlich "CA"'),
    ("", ""),
]


@pytest.mark.parametrize(("name", "told"), NAMES)
def test_a_distinguished_name_is_told_as_people_call_it(name, told):
    assert brief(name) == told
