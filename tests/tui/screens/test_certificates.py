"""The calendar of certificates, key by key."""

import pytest
from fake_source import NOW, FakeSource, failed, info, mixed, row
from rich.cells import cell_len

from monitor.errors import LinkError
from monitor.link.certificates import CertificateInfo
from monitor.link.messages import CheckNow, Detail
from monitor.model import Certificate, Result, Status
from monitor.tui.screens.detail import DetailView
from monitor.tui.widgets.listing import Listing
from monitor.tui.widgets.pane import Pane

DAY = 86400.0


def presented(handle, days, fingerprint="", **more):
    told = {"subject": f"CN=host{handle}.test", "issuer": "CN=Authority", "not_before": NOW - 9e6} | more
    return CertificateInfo(
        handle=handle, fingerprint=fingerprint or f"print {handle}", expires=NOW + days * DAY, **told
    )


class Presenting(FakeSource):
    """An engine whose endpoints present certificates."""

    presented = (
        presented(0, 400),
        presented(1, -3),
        presented(2, 12.5, "same"),
        presented(4, 12.5, "same"),
        presented(3, 3.5, subject="CN=[bold]evil[/]"),
    )
    times = 0

    async def certificates(self):
        self._check()
        self.times += 1
        return list(self.presented)

    async def detail(self, handle, since):
        self._check()
        one = next(one for one in self.presented if one.handle == handle)
        issuer = Certificate(subject="CN=Authority", issuer="CN=Root", not_before=0.0, not_after=NOW + 9e8)
        certificate = Certificate(
            subject=one.subject,
            issuer=one.issuer,
            not_before=one.not_before,
            not_after=one.expires,
            fingerprint=one.fingerprint,
            issuers=(issuer,),
        )
        last = Result(
            endpoint="x", status=Status.UP, reason=None, message="", checked_at=NOW, certificate=certificate
        )
        return Detail(handle=handle, last=last, last_failure=None, last_good=last, points=(), phases_ms={})


def presenting():
    source = mixed()
    source.__class__ = Presenting
    return source


ORDER = ["api-eu", "статус 日本", "search +1", "webhooks"]

pytestmark = pytest.mark.parametrize("seat", [presenting], indirect=True)


@pytest.fixture
async def opened(seat):
    await seat.press("3")
    await seat.pilot.pause()
    return seat


def current(seat):
    expiry = seat.app.screen.current
    return expiry and expiry.worst.info.name


def listed(seat):
    return [line.strip() for line in seat.lines()]


async def test_certificates_stand_under_headings_soonest_first(opened):
    text = "\n".join(listed(opened))
    places = [
        text.index(part)
        for part in ("expired", "api-eu", "this week", "статус", "within 30 days", "search +1")
    ]
    assert places == sorted(places)
    assert "later 1 certificate" in text
    assert "-3d" in text


async def test_the_cursor_goes_past_headings(opened):
    assert current(opened) == "api-eu"
    seen = []
    for key in ("j", "down", "j", "j", "k", "up", "g", "k", "G", "home"):
        await opened.press(key)
        seen.append(current(opened))
    last = "webhooks"
    assert seen == [
        "статус 日本",
        "search",
        last,
        last,
        "search",
        "статус 日本",
        "api-eu",
        "api-eu",
        last,
        "api-eu",
    ]


async def test_pages(opened):
    await opened.press("pagedown")
    assert current(opened) == "webhooks"
    await opened.press("pageup")
    assert current(opened) == "api-eu"


async def test_the_chain_is_opened_followed_and_closed(opened):
    assert not opened.app.screen.query_one(Pane).display
    await opened.press("enter")
    await opened.pilot.pause()
    text = "\n".join(listed(opened))
    assert "Issuer 1" in text
    assert "subject    CN=host1.test" in text
    await opened.press("j")
    await opened.pilot.pause()
    assert "subject    CN=[bold]evil[/]" in "\n".join(listed(opened))
    await opened.press("escape")
    assert not opened.app.screen.query_one(Pane).display


async def test_from_the_chain_the_endpoint_is_opened(opened):
    await opened.press("j", "j", "enter", "enter")
    assert isinstance(opened.app.screen, DetailView)
    assert opened.app.screen.entry.info.name == "search"
    await opened.press("escape")
    assert opened.app.screen is opened.app.get_screen("certificates")


async def test_tab_goes_to_the_chain_and_back(opened):
    await opened.press("tab")
    assert isinstance(opened.app.focused, Listing)
    await opened.press("enter", "tab")
    assert isinstance(opened.app.focused, Pane)
    await opened.press("tab")
    assert isinstance(opened.app.focused, Listing)


async def test_all_who_present_a_certificate_are_checked(opened):
    await opened.press("j", "j", "r")
    await opened.settle()
    assert opened.source.asked == [CheckNow(handles=(2, 4))]


async def test_the_filter_counts_letter_by_letter_and_is_dropped(opened):
    await opened.press("slash", *"search")
    assert current(opened) == "search"
    assert len(opened.app.screen._calendar.rows) == 2
    await opened.press("enter")
    assert "/search" in opened.lines()[-1]
    await opened.press("escape")
    assert len(opened.app.screen._calendar.rows) == 8
    await opened.press("slash", *"nowhere", "enter")
    assert "no certificate fits" in opened.lines()[3]
    await opened.press("enter", "r", "j")
    assert current(opened) is None


@pytest.mark.parametrize("key", ["escape", "q", "1"])
async def test_every_way_back_leads_to_the_overview(opened, key):
    await opened.press(key)
    assert opened.app.screen is opened.app.overview


async def test_the_engine_is_asked_again_when_an_endpoint_shows_another_end(opened):
    assert opened.source.times == 1
    opened.source.push(row(3, latency_ms=99.0))
    await opened.settle()
    assert opened.source.times == 1
    opened.source.presented = (presented(3, 90),)
    opened.source.push(row(3, not_after=NOW + 90 * DAY))
    await opened.settle()
    await opened.pilot.pause()
    assert opened.source.times == 2
    assert current(opened) == "статус 日本"


async def test_the_cursor_stays_with_its_certificate(opened):
    await opened.press("j", "j")
    opened.source.presented = (*opened.source.presented, presented(5, 1))
    opened.source.push(row(5, not_after=NOW + DAY))
    await opened.settle()
    await opened.pilot.pause()
    assert "batch" in "\n".join(listed(opened))
    assert current(opened) == "search"


async def test_endpoints_that_go_are_left_out(opened):
    opened.source.push(order=(0, 2))
    await opened.settle()
    text = "\n".join(listed(opened))
    assert "api-eu" not in text
    assert "api-us" in text


async def test_the_sign_is_that_of_the_worst(opened):
    opened.source.push(failed(2, since=NOW - 9999))
    await opened.settle()
    assert any("✖ api-us +1" in line for line in listed(opened))


async def test_nothing_to_show_is_reported(seat):
    seat.source.presented = ()
    await seat.press("3")
    await seat.pilot.pause()
    assert "no endpoint presents a certificate" in seat.lines()[3]
    assert "LEFT" not in seat.lines()[1]


async def test_an_engine_that_does_not_answer_is_told_of_and_asked_again(seat, monkeypatch):
    answer, refused = seat.source.certificates, []

    async def refuse():
        refused.append(1)
        raise LinkError("too busy")

    monkeypatch.setattr(seat.source, "certificates", refuse)
    await seat.press("3")
    await seat.pilot.pause()
    assert "no certificates: too busy" in seat.lines()[3]
    assert len(refused) < 5
    monkeypatch.setattr(seat.source, "certificates", answer)
    seat.source.push()
    await seat.settle()
    assert current(seat) == "api-eu"
    monkeypatch.setattr(seat.source, "certificates", refuse)
    seat.source.push(row(1, not_after=NOW + 3))
    await seat.settle()
    assert "certificates as they were: too busy" in seat.lines()[1]
    assert current(seat) == "api-eu"


async def test_a_click_opens_the_chain_of_that_line(opened):
    await opened.pilot.click("Listing", offset=(30, 3))
    await opened.pilot.pause()
    assert current(opened) == "статус 日本"
    assert opened.app.screen.query_one(Pane).display
    await opened.pilot.click("Listing", offset=(30, 1))
    await opened.pilot.pause()
    assert current(opened) == "api-eu"
    assert opened.app.screen is opened.app.get_screen("certificates")


SIZES = [(40, 10), (80, 24), (120, 40), (200, 50), (400, 120)]


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}, {"LANG": "C"}])
async def test_it_survives_every_size_and_terminal(make_seat, seat, environ):
    seat = make_seat(presenting(), **environ)
    async with seat.app.run_test(size=(80, 24)) as seat.pilot:
        await seat.settle()
        await seat.press("3", "enter")
        await seat.pilot.pause()
        for width, height in SIZES:
            await seat.pilot.resize_terminal(width, height)
            await seat.pilot.pause()
            assert [cell_len(line) for line in seat.lines()] == [width] * height
            text = "\n".join(seat.lines())
            assert "api-eu" in text
            assert "validity" in text
            assert not environ.get("LANG") or text.isascii()


async def test_of_very_many_only_what_is_seen_is_drawn(make_seat, seat, monkeypatch):
    infos = [info(n, f"host {n:04}") for n in range(3000)]
    source = FakeSource(infos, [row(n, not_after=NOW + n * DAY) for n in range(3000)])
    source.__class__ = Presenting
    source.presented = [presented(n, n + 0.5) for n in range(3000)]
    drawn = []
    from monitor.tui.drawing import calendar

    monkeypatch.setattr(calendar, "_line", lambda *of, _line=calendar._line: drawn.append(1) or _line(*of))
    seat = make_seat(source)
    async with seat.app.run_test(size=(100, 30)) as seat.pilot:
        await seat.settle()
        await seat.press("3")
        await seat.pilot.pause()
        drawn.clear()
        await seat.press("G")
        assert current(seat) == "host 2999"
        assert len(drawn) < 300
