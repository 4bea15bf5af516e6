"""Mail: a text and an HTML part; messages about one incident are one thread in mail clients.

URLs are Apprise's (``mailtos://user:password@host?to=…``), and Apprise reads them. It cannot send the mail:
it makes the ``Message-ID`` itself and has no ``References``. A message refers to the earlier ones about its
incidents, and to an id that is made from each incident: no mail has that id, but clients group by it, also
where an earlier message is missing (RFC 5322, section 3.6.4).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from hashlib import blake2b
from html import escape
from typing import Any

from monitor.alerts import chat
from monitor.alerts.delivery import Delivery, DeliveryError, cause
from monitor.alerts.threads import in_thread

TIMEOUT = 60.0
"""Seconds for one message."""
_PATIENCE = 15.0
"""Seconds for each answer of the server."""
_REFERENCES = 20
"""Incidents that a message of many refers to, and earlier messages."""
_POLICY = SMTP.clone(cte_type="7bit")
_ORANGE = "#ef6c00"
_COLOURS = {
    "up": "#2e7d32", "test": "#1565c0", "degraded": _ORANGE, "certificate": _ORANGE, "slower": _ORANGE
}  # fmt: skip
_RED = "#c62828"


async def send(delivery: Delivery) -> None:
    """Send through the SMTP server of the URL; delivered once it accepts the message for a recipient."""
    account = await in_thread(partial(_account, delivery.url), TIMEOUT)
    if account.pgp_mode != "no":  # only Apprise encrypts; it cannot thread
        await chat.send(delivery)
        return
    try:
        await in_thread(partial(_send, account, delivery), TIMEOUT)
    except TimeoutError:
        raise DeliveryError(f"the mail server did not take the message within {TIMEOUT:.0f} s") from None


def _account(url: str) -> Any:
    """The server, the login and the addresses of a URL, as Apprise's mail plugin reads them."""
    try:
        import apprise
    except ImportError:
        raise DeliveryError("needs the extra 'alerts': pip install 'monitor[alerts]'") from None
    account: Any = apprise.Apprise.instantiate(url, asset=chat.asset(), suppress_exceptions=True)
    if account is None or not account.targets:
        raise DeliveryError("the URL is no mail address that Apprise knows")
    return account


def _send(account: Any, delivery: Delivery) -> None:
    recipients = [*(address for _, address in account.targets), *account.cc, *account.bcc]
    data = document(account, delivery).as_bytes(policy=_POLICY)
    try:
        with _connected(account) as server:
            server.sendmail(account.from_addr[1], list(dict.fromkeys(recipients)), data)
    except ssl.SSLError as error:
        raise DeliveryError(f"the mail server cannot be trusted ({cause(error)})") from None
    except smtplib.SMTPException as error:
        raise DeliveryError(_reason(error)) from None
    except OSError as error:
        raise DeliveryError(f"the mail server cannot be reached ({cause(error)})") from None


def _connected(account: Any) -> smtplib.SMTP:
    """A connection that is encrypted and logged in, as the URL asks for."""
    context = ssl.create_default_context()
    if not account.verify_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = account.smtp_host, account.port
    if account.secure_mode == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=_PATIENCE)
    try:
        if account.secure_mode == "starttls":
            server.starttls(context=context)
        if account.user and account.password:
            server.login(account.user, account.password)
    except BaseException:
        server.close()
        raise
    return server


def _reason(error: smtplib.SMTPException) -> str:
    """The kind of failure and the server's code, without its text, which may quote the login."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the mail server refused the login ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            codes = ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
            return f"the mail server refused every recipient ({codes})"
        case smtplib.SMTPNotSupportedError():
            return "the mail server lacks STARTTLS or a login that the URL asks for"
        case smtplib.SMTPResponseException():
            return f"the mail server refused the message ({error.smtp_code})"
    return f"the mail server ended the connection ({type(error).__name__})"


# ── the message ─────────────────────────────────────────────────────────────────────────────────


def document(account: Any, delivery: Delivery) -> EmailMessage:
    """The mail; Bcc is not in it. Raises DeliveryError for an address that no mail can have."""
    name, sender = account.from_addr
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["From"] = _address(name or "monitor", sender)
        mail["To"] = [_address(name, address) for name, address in account.targets]
        for header, addresses in (("Cc", account.cc), ("Reply-To", account.reply_to)):
            if addresses:
                mail[header] = [_address(account.names.get(one), one) for one in sorted(addresses)]
    except (ValueError, MessageError):
        raise DeliveryError("an address of the URL cannot be used") from None
    mail["Subject"] = " ".join(delivery.title.split())
    mail["Date"] = format_datetime(datetime.fromtimestamp(delivery.at, UTC))
    mail["Message-ID"] = f"<{_token(delivery.message)}@{domain}>"
    threads = [f"<{thread_id(one)}@{domain}>" for one in delivery.incidents[:_REFERENCES]]
    earlier = [f"<{_token(one)}@{domain}>" for one in delivery.earlier[-_REFERENCES:]]
    if threads or earlier:
        mail["References"] = " ".join([*threads, *earlier])
    if earlier:
        mail["In-Reply-To"] = earlier[-1]
    mail["Auto-Submitted"] = "auto-generated"  # no automatic replies, RFC 3834
    for header, value in account.headers.items():
        if header not in mail:
            mail[header] = " ".join(value.split())
    mail.set_content(delivery.text)
    mail.add_alternative(html(delivery), subtype="html")
    return mail


def _address(name: object, address: str) -> Address:
    return Address(display_name=" ".join(str(name or "").split()), addr_spec=address)


def thread_id(incident: str) -> str:
    """The part before the ``@`` of the id that all messages about an incident refer to."""
    return f"incident.{_token(incident)}"


def _token(id: str) -> str:
    """An id as part of a Message-ID, whatever characters it has."""
    return blake2b(id.encode(), digest_size=12).hexdigest()


def html(delivery: Delivery) -> str:
    """The HTML part: title and text, every character of them shown as it is."""
    colour = _COLOURS.get(delivery.kind, _RED)
    return (
        '<!doctype html><html><body style="font-family:sans-serif">'
        f'<h3 style="border-left:5px solid {colour};padding-left:8px">{escape(delivery.title)}</h3>'
        f"{''.join(_paragraphs(delivery.text.splitlines()))}"
        "</body></html>"
    )


def _paragraphs(lines: Iterable[str]) -> Iterable[str]:
    return (f"<p>{escape(line)}</p>" for line in lines)
