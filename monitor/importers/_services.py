"""Converts other tools' receivers of messages to Apprise URLs.

Each function takes the settings of one service under names of its own and gives the URL, with
placeholders for secrets; empty where something that it needs is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

from monitor.importers._secrets import Secrets

Settings = Mapping[str, str]
Service = Callable[[Settings, Secrets, str], str]

_SLACK = re.compile(r"https://hooks\.slack\.com/services/(.+)")
_DISCORD = re.compile(r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/([^?]+)")
_WORKFLOW = re.compile(
    r"https://([^/]+)/(?:powerautomate/automations/direct/)?workflows/(\w+)/triggers/.*[?&]sig=([^&]+).*"
)
_CHAT = re.compile(r"https://chat\.googleapis\.com/v1/spaces/([^/]+)/messages\?key=([^&]+)&token=([^&]+)")
_HOOK = re.compile(r"(https?)://([^/]+)/(?:hooks/)?(.+)")
_HOST = re.compile(r"(?:(https?)://)?([^/]+)(/.*)?")


def _slack(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _SLACK.fullmatch(given.get("url", ""))
    said = "webhook: what follows https://hooks.slack.com/services/"
    return f"slack://{secrets.hide(found[1], said, owner, 'webhook')}" if found else ""


def _discord(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _DISCORD.fullmatch(given.get("url", ""))
    said = "webhook: what follows https://discord.com/api/webhooks/"
    return f"discord://{secrets.hide(found[1], said, owner, 'webhook')}" if found else ""


def _telegram(given: Settings, secrets: Secrets, owner: str) -> str:
    if not given.get("token") or not given.get("chat"):
        return ""
    topic = f"?topic={quote(given['topic'])}" if given.get("topic") else ""
    return f"tgram://{secrets.hide(given['token'], 'the bot', owner, 'token')}/{given['chat']}{topic}"


def _email(given: Settings, secrets: Secrets, owner: str) -> str:
    host, sender = given.get("host", ""), given.get("from", "")
    if not host or not given.get("to"):
        return ""
    user = quote(given.get("user") or sender, safe="")
    password = secrets.hide(given.get("password", ""), "the mail account", owner, "password")
    login = f"{user}:{password}@" if password else f"{user}@" if given.get("user") else ""
    port = f":{given['port']}" if given.get("port") else ""
    receivers = ",".join(part.strip() for part in given["to"].split(","))
    scheme = "mailto" if given.get("plain") == "true" else "mailtos"
    return f"{scheme}://{login}{host}{port}?from={quote(sender, safe='@')}&to={quote(receivers, safe='@,')}"


def _pagerduty(given: Settings, secrets: Secrets, owner: str) -> str:
    if not given.get("key"):
        return ""
    key = secrets.hide(given["key"], "the integration key", owner, "integration key")
    api = secrets.hide("?", "an API key, which Apprise wants besides the integration key", owner, "api key")
    return f"pagerduty://{key}@{api}"


def _ntfy(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _HOST.fullmatch(given.get("server") or "https://ntfy.sh")
    if not given.get("topic") or found is None:
        return ""
    scheme = "ntfy" if found[1] == "http" else "ntfys"
    token = secrets.hide(given.get("token", ""), "the access token", owner, "token")
    user = secrets.hide(given.get("password", ""), "the account", owner, "password")
    login = f"{token}@" if token else f"{quote(given.get('user', ''))}:{user}@" if user else ""
    priority = f"?priority={given['priority']}" if given.get("priority") else ""
    return f"{scheme}://{login}{found[2]}/{quote(given['topic'])}{priority}"


def _gotify(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _HOST.fullmatch(given.get("server", "").rstrip("/"))
    if found is None or not given.get("token"):
        return ""
    scheme = "gotify" if found[1] == "http" else "gotifys"
    token = secrets.hide(given["token"], "the application token", owner, "token")
    return f"{scheme}://{found[2]}{found[3] or ''}/{token}"


def _teams(given: Settings, secrets: Secrets, owner: str) -> str:
    """A Power Automate workflow; the connectors of Office 365 that came before have been retired."""
    found = _WORKFLOW.fullmatch(given.get("url", ""))
    if found is None:
        return ""
    signature = secrets.hide(unquote(found[3]), "sig= of the workflow's address", owner, "signature")
    return f"workflows://{found[1]}/{found[2]}/{signature}"


def _googlechat(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _CHAT.fullmatch(given.get("url", ""))
    if found is None:
        return ""
    key = secrets.hide(found[2], "the webhook's key", owner, "key")
    return f"gchat://{found[1]}/{key}/{secrets.hide(found[3], 'its token', owner, 'token')}"


def _rocketchat(given: Settings, secrets: Secrets, owner: str) -> str:
    tls, host, key = _hook(given, secrets, owner)
    return host and f"{'rockets' if tls else 'rocket'}://{key}@{host}"


def _mattermost(given: Settings, secrets: Secrets, owner: str) -> str:
    tls, host, key = _hook(given, secrets, owner)
    return host and f"{'mmosts' if tls else 'mmost'}://{host}/{key}"


def _hook(given: Settings, secrets: Secrets, owner: str) -> tuple[bool, str, str]:
    """Whether a webhook uses TLS, its host and its key; empty if its address has another form."""
    found = _HOOK.fullmatch(given.get("url", ""))
    if found is None:
        return False, "", ""
    key = secrets.hide(found[3], "webhook: what follows /hooks/ in its address", owner, "webhook")
    return found[1] != "http", found[2], key


def _opsgenie(given: Settings, secrets: Secrets, owner: str) -> str:
    key = given.get("key", "")
    return f"opsgenie://{secrets.hide(key, 'the API key', owner, 'api key')}" if key else ""


def _pushover(given: Settings, secrets: Secrets, owner: str) -> str:
    if not given.get("user") or not given.get("token"):
        return ""
    user = secrets.hide(given["user"], "the user key", owner, "user key")
    return f"pover://{user}@{secrets.hide(given['token'], 'the application token', owner, 'token')}"


def _matrix(given: Settings, secrets: Secrets, owner: str) -> str:
    found = _HOST.fullmatch(given.get("server") or "https://matrix-client.matrix.org")
    if found is None or not given.get("token") or not given.get("room"):
        return ""
    scheme = "matrix" if found[1] == "http" else "matrixs"
    token = secrets.hide(given["token"], "the access token", owner, "token")
    return f"{scheme}://{token}@{found[2]}/{quote(given['room'], safe='!:')}"


def _twilio(given: Settings, secrets: Secrets, owner: str) -> str:
    if not all(given.get(key) for key in ("sid", "token", "from", "to")):
        return ""
    token = secrets.hide(given["token"], "the account's token", owner, "token")
    return f"twilio://{given['sid']}:{token}@{given['from']}/{given['to']}"


def _webhook(given: Settings, secrets: Secrets, owner: str) -> str:
    url = given.get("url", "")
    if not url.startswith(("https://", "http://")):
        return ""
    return secrets.in_path(secrets.in_url(url, owner), owner)


def _apprise(given: Settings, secrets: Secrets, owner: str) -> str:
    return secrets.hide(given.get("url", ""), "the Apprise URL", owner, "url")


SERVICES: Mapping[str, Service] = {
    "slack": _slack,
    "discord": _discord,
    "telegram": _telegram,
    "email": _email,
    "pagerduty": _pagerduty,
    "ntfy": _ntfy,
    "gotify": _gotify,
    "teams": _teams,
    "googlechat": _googlechat,
    "mattermost": _mattermost,
    "rocketchat": _rocketchat,
    "opsgenie": _opsgenie,
    "pushover": _pushover,
    "matrix": _matrix,
    "twilio": _twilio,
    "webhook": _webhook,
    "apprise": _apprise,
}
"""Service -> its URL."""
