"""Convert Gatus's ``client`` table."""

from __future__ import annotations

from typing import Any

from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._secrets import Secrets
from monitor.syntax.duration import format_duration

_TIMEOUT = 10.0
_TLS = ("http", "tls", "grpc", "websocket")


def take_client(client: Fields, block: Block, kind: str, secrets: Secrets) -> None:
    """Carry over the settings of connections that ``kind`` supports."""
    block.keys["timeout"] = format_duration(client.seconds("timeout") or _TIMEOUT)
    if tls := _tls(client, kind):
        block.keys["tls"] = tls
    if kind == "http":
        _http(client, block, secrets)
    _address_family(client, block, kind)
    client.lose("the system's resolver is asked; connect_to dials a fixed address", "dns-resolver")
    client.lose("tokens of Google's Identity-Aware Proxy are not fetched", "identity-aware-proxy")
    client.lose("checks do not go through SSH tunnels", "tunnel")
    client.lose("each check begins without cookies", "store-cookies")
    client.leftovers()


def _tls(client: Fields, kind: str) -> dict[str, Any]:
    given = client.below("tls", rest=True)
    found: dict[str, Any] = {}
    if client.flag("insecure"):
        found["verify"] = False
    for ours, theirs in (("cert", "certificate-file"), ("key", "private-key-file")):
        if given.text(theirs):
            found[ours] = given.text(theirs)
    if given.text("renegotiation") not in ("", "never"):
        given.note("renegotiation", "TLS is never renegotiated here")
    if found and kind not in _TLS:
        client.note("tls", f"a {kind} check has no TLS")
        return {}
    return found


def _http(client: Fields, block: Block, secrets: Secrets) -> None:
    if client.flag("ignore-redirect"):
        block.keys["follow_redirects"] = False
    if proxy := client.text("proxy-url"):
        block.keys["proxy"] = secrets.in_url(proxy, f"proxy of {block.title}")
    given = client.below("oauth2", rest=True)
    if given.all:
        secret = given.text("client-secret")
        block.keys["auth"] = {
            "oauth2": {
                "token_url": given.text("token-url"),
                "client_id": given.text("client-id"),
                "client_secret": secrets.hide(
                    secret, f'OAuth client of "{block.title}"', block.title, "client secret"
                ),
                "scope": " ".join(given.texts("scopes")),
            }
        }


def _address_family(client: Fields, block: Block, kind: str) -> None:
    """Carry over ``network``, which Gatus uses for ICMP only."""
    family = {"ip4": 4, "ip6": 6}.get(client.text("network", "ip"))
    if family and kind == "icmp":
        block.keys["ip_version"] = family
    elif family:
        client.note("network", f"Gatus heeds it for ICMP only; here it would be ip_version = {family}")
