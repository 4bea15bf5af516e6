"""Mail, to a real SMTP server."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_server import mailbox
from servers import free_port

from monitor.alerts.delivery import Delivery, DeliveryError
from monitor.alerts.mail import _account, document, html, send
from monitor.demo.certs import Authority

# Apprise imports a module that Python 3.13 no longer has.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NOON = 1769860800.0
TO = "from=monitor@example.test&to=ann@example.test"


def delivery(url: str = f"mailto://localhost?{TO}", **keys: Any) -> Delivery:
    usual = {"id": "m", "message": "m", "kind": "down", "at": NOON, "title": "Shop is down"}
    return Delivery(**{**usual, "url": url, "text": "since noon\nrefused", "body": b"", **keys})


def parts(message: EmailMessage) -> dict[str, str]:
    return {part.get_content_type(): part.get_content() for part in message.iter_parts()}


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    return authority


async def test_a_mail_has_a_text_and_an_html_part():
    with mailbox() as box:
        await send(delivery(f"mailto://localhost:{box.port}?{TO}"))
    ((recipients, message),) = box.received
    assert recipients == ["ann@example.test"]
    assert (message["From"], message["To"]) == ("monitor <monitor@example.test>", "ann@example.test")
    assert (message["Subject"], message["Date"]) == ("Shop is down", "Sat, 31 Jan 2026 12:00:00 +0000")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert parts(message)["text/plain"].splitlines() == ["since noon", "refused"]
    assert "<p>since noon</p><p>refused</p>" in parts(message)["text/html"]


@pytest.mark.parametrize(
    ("scheme", "more", "at_once"),
    [("mailtos", "", False), ("mailtos", "&mode=ssl", True), ("mailto", "&mode=starttls", False)],
    ids=["starttls", "tls", "starttls by mode"],
)
async def test_the_connection_is_encrypted_before_the_login(
    trusted: Authority, scheme: str, more: str, at_once: bool
):
    with mailbox(trusted.pem("valid"), at_once=at_once) as box:
        await send(delivery(f"{scheme}://alice:open%20sesame@localhost:{box.port}?{TO}{more}"))
    assert len(box.received) == 1


@pytest.mark.parametrize(
    ("login", "why"),
    [("alice:hunter2", r"refused the login \(535\)"), ("", r"refused .*\(530\)|refused the message \(530\)")],
)
async def test_a_login_that_is_refused_is_no_delivery(trusted: Authority, login: str, why: str):
    with mailbox(trusted.pem("valid")) as box:
        url = f"mailtos://{login}{'@' if login else ''}localhost:{box.port}?{TO}"
        with pytest.raises(DeliveryError, match=why) as caught:
            await send(delivery(url))
    assert "hunter2" not in str(caught.value)
    assert not box.received


@pytest.mark.parametrize(
    ("certificate", "more", "arrives"),
    [
        ("valid", "", True),
        ("expired", "", False),
        ("self-signed", "", False),
        ("expired", "&verify=no", True),
    ],
)
async def test_the_certificate_is_verified(trusted: Authority, certificate: str, more: str, arrives: bool):
    with mailbox(trusted.pem(certificate)) as box:
        sent = send(delivery(f"mailtos://alice:open%20sesame@localhost:{box.port}?{TO}{more}"))
        if arrives:
            await sent
        else:
            with pytest.raises(DeliveryError, match=f"cannot be trusted .*{certificate}"):
                await sent
    assert len(box.received) == arrives


async def test_a_server_without_starttls_gets_no_password():
    with mailbox() as box, pytest.raises(DeliveryError, match="lacks STARTTLS"):
        await send(delivery(f"mailtos://alice:hunter2@localhost:{box.port}?{TO}"))
    assert not box.received


async def test_a_server_that_cannot_be_reached_is_no_delivery():
    port = free_port()
    with pytest.raises(DeliveryError, match="cannot be reached"):
        await send(delivery(f"mailto://localhost:{port}?{TO}"))


@pytest.mark.parametrize("answer", ["451 try later", "554 hunter2 is spam"])
async def test_a_message_that_is_refused_is_no_delivery(answer: str):
    with mailbox() as box:
        box.answers = [answer]
        with pytest.raises(DeliveryError, match=rf"refused the message \({answer[:3]}\)$"):
            await send(delivery(f"mailto://localhost:{box.port}?{TO}"))


@pytest.mark.parametrize(
    ("to", "arrives"),
    [("nobody@example.test", False), ("nobody@example.test,ann@example.test", True)],
)
async def test_one_recipient_is_enough(to: str, arrives: bool):
    with mailbox() as box:
        sent = send(delivery(f"mailto://localhost:{box.port}?from=monitor@example.test&to={to}"))
        if arrives:
            await sent
        else:
            with pytest.raises(DeliveryError, match=r"refused every recipient \(550\)$"):
                await sent
    assert [recipients for recipients, _ in box.received] == ([["ann@example.test"]] if arrives else [])


async def test_copies_are_sent_and_blind_ones_are_not_named():
    with mailbox() as box:
        more = "cc=bob@example.test&bcc=eve@example.test&reply=ops@example.test&name=Watch"
        await send(delivery(f"mailto://localhost:{box.port}?{TO}&{more}"))
    ((recipients, message),) = box.received
    assert recipients == ["ann@example.test", "bob@example.test", "eve@example.test"]
    assert (message["Cc"], message["Reply-To"]) == ("bob@example.test", "ops@example.test")
    assert "eve" not in message.as_string()


@pytest.mark.parametrize(
    "url", ["mailto://", "mailto://localhost?to=nonsense", f"mailto://localhost?{TO}&mode=x"]
)
async def test_a_url_without_an_address_is_no_delivery(url: str):
    with pytest.raises(DeliveryError, match="no mail address"):
        await send(delivery(url))


# ── threads ─────────────────────────────────────────────────────────────────────────────────────


def mail(**keys: Any) -> EmailMessage:
    made = delivery(**keys)
    return document(_account(made.url), made)


def test_the_messages_about_an_incident_are_one_thread():
    down, up = mail(message="m1", incidents=("i1",)), mail(message="m2", incidents=("i1",), kind="up")
    other = mail(message="m3", incidents=("i2",))
    assert down["References"] == up["References"] != other["References"]
    assert down["In-Reply-To"] is None
    assert len({down["Message-ID"], up["Message-ID"], other["Message-ID"]}) == 3
    assert down["Message-ID"].endswith("@example.test>")


def test_a_message_is_a_reply_to_the_newest_one_before_it():
    down, reminder = (
        mail(message="m1", incidents=("i1",)),
        mail(message="m2", incidents=("i1",), earlier=("m1",)),
    )
    up = mail(message="m3", incidents=("i1",), earlier=("m1", "m2"))
    assert reminder["In-Reply-To"] == down["Message-ID"]
    assert up["In-Reply-To"] == reminder["Message-ID"]
    before = [down["References"], down["Message-ID"], reminder["Message-ID"]]
    assert up["References"] == " ".join(before)


def test_a_message_that_is_sent_again_has_the_same_id():
    assert mail(message="m1")["Message-ID"] == mail(message="m1")["Message-ID"]


def test_a_message_about_many_incidents_refers_to_some_of_them():
    one, many = mail(incidents=("i0",)), mail(incidents=tuple(f"i{number}" for number in range(500)))
    assert one["References"] in many["References"]
    assert len(many["References"].split()) == 20


def test_a_message_about_no_incident_has_no_thread():
    assert mail()["References"] is None


# ── hostile text ────────────────────────────────────────────────────────────────────────────────

HOSTILE = "Shop\r\nBcc: eve@example.test\r\n\r\n<script>alert(1)</script> & 'x' \"y\" 日本"


def test_hostile_text_stays_text():
    message = mail(title=HOSTILE, text=HOSTILE, message=HOSTILE, incidents=(HOSTILE,))
    raw = message.as_bytes()
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert b"\nBcc:" not in head
    assert message["Subject"] == " ".join(HOSTILE.split())
    assert "<script>" not in parts(message)["text/html"]
    assert "&lt;script&gt;" in parts(message)["text/html"]


@given(st.text(), st.text(), st.text(max_size=30))
def test_no_text_adds_a_header_or_an_element(title: str, text: str, id: str):
    plain, made = mail(), mail(title=title, text=text, message=id, incidents=(id,), earlier=(id,))
    made.as_bytes()
    assert {*made.keys()} == {*plain.keys(), "In-Reply-To", "References"}
    assert html(delivery(title=title, text=text)).count("<") == 7 + 2 * len(text.splitlines())


def test_an_address_with_a_line_break_is_refused_or_harmless():
    name = quote("Watch\r\nBcc: eve@example.test")
    try:
        message = mail(url=f"mailto://localhost?{TO}&name={name}")
    except DeliveryError:
        return
    assert b"\nBcc:" not in message.as_bytes()
