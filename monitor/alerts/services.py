"""The kinds of services behind alerts' URLs: their names, and how long a text each is meant for."""

from __future__ import annotations

_OURS = {"http": "webhook", "https": "webhook", "exec": "command", "mailto": "mail", "mailtos": "mail"}
LONG, SHORT, BRIEF = 20, 5, 1
"""Endpoints listed in a text for mail and programs, for chat and push messages, for pagers and SMS."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAIL = _names("azure brevo mailersend mailgun o365 postmark resend sendgrid sendpulse ses smtp2go sparkpost")
_PAGERS = _names(
    """
    betterstack dapnet firehydrant goalert ilert incidentio opsgenie pagerduty pagertree signl4 spike splunk
    squadcast victorops xmatters
    """
)
_SMS = _names(
    """
    46elks atalk bulksms bulkvs burstsms clickatell clicksend cm d7sms eight00com elks exotel freemobile
    httpsms kavenegar kudosity mobilemessage mobilemsg msg91 msgbird nexmo octopush plivo serwersms seven sfr
    sinch smsc smseagle smsmanager smsmgr smstunnel sns telesign telnyx twilio voipms vonage
    """
)


def service_name(url: str) -> str:
    """``webhook``, ``command``, ``mail``, or Apprise's name of the service, such as ``slack``."""
    scheme = url.partition(":")[0].lower()
    return _OURS.get(scheme, scheme)


def listed_endpoints(url: str) -> int:
    """Limit of endpoints that the default text of a message through this service lists."""
    name = service_name(url)
    if name in _OURS.values() or name in _MAIL:
        return LONG
    # Apprise's variants with TLS have an "s" behind the name.
    return BRIEF if {name, name.removesuffix("s")} & (_PAGERS | _SMS) else SHORT
