"""Uptime Kuma's types of monitors, each as the URL and keys of a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from monitor.importers._draft import Block
from monitor.importers._fields import Fields
from monitor.importers._kuma_source import listed
from monitor.importers._matchers import compact_codes, json_path, literal
from monitor.importers._secrets import Secrets

_CODES = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_SIMPLE_QUERY = re.compile(r"\$?[\w.\[\]-]*")
"""A JSONata expression that is only a path."""
_OPERATORS = {
    "==": "eq",
    "=": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "contains": "contains",
}
_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "xml": "text/xml; charset=utf-8",
}
_NONE = {
    "docker": "the state of containers is not checked; an exec: endpoint could run docker inspect",
    "steam": "game servers are not asked",
    "gamedig": "game servers are not asked",
    "kafka-producer": "Kafka is not supported; a tcp:// endpoint checks its port",
    "sqlserver": "SQL Server is not supported; a tcp:// endpoint checks its port",
    "mongodb": "MongoDB is not supported; a tcp:// endpoint checks its port",
    "oracledb": "Oracle is not supported; a tcp:// endpoint checks its port",
    "radius": "RADIUS is not supported",
    "tailscale-ping": "an exec: endpoint could run tailscale ping",
    "snmp": "SNMP is not supported; an exec: endpoint could run check_snmp",
    "manual": "a status that is set by hand; push:NAME takes one over HTTP",
    "globalping": "checks are made from here; a [cluster] checks from several places",
    "system-service": "an exec: endpoint could run systemctl is-active",
    "ntp": "NTP is not supported; an exec: endpoint could run check_ntp_time",
    "sip-options": "SIP is not supported; a udp:// endpoint sends and expects texts",
    "pm2": "an exec: endpoint could run pm2",
}


def take_check(own: Fields, block: Block, secrets: Secrets) -> str:
    """Set the URL and the keys of the kind. Return Uptime Kuma's type."""
    kind = own.text("type")
    maker = _MAKERS.get(kind)
    if maker is None:
        url = own.text("url") or own.text("hostname") or kind or "unknown"
        block.keys["url"] = secrets.in_url(url, block.title)
        block.refuse(_NONE.get(kind, f"there is no check like its type {kind!r}"))
    else:
        block.keys["url"] = secrets.in_url(maker(own, block, secrets), block.title)
    return kind


def _host(own: Fields) -> str:
    host = own.text("hostname").strip()
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


def _at_port(own: Fields, scheme: str, default: int | None = None) -> str:
    port = own.count("port") or default
    return f"{scheme}://{_host(own)}" + (f":{port}" if port else "")


# ── HTTP ────────────────────────────────────────────────────────────────────────────────────────


def _http(own: Fields, block: Block, secrets: Secrets) -> str:
    method = own.text("method", "GET").upper() or "GET"
    if method != "GET":
        block.keys["method"] = method
    headers = _headers(own, block, secrets)
    body = own.text("body")
    if body:
        encoding = own.text("httpbodyencoding", "json") or "json"
        headers.setdefault("Content-Type", _TYPES.get(encoding, "text/plain"))
        block.keys["body"] = secrets.in_body(body, block.title)
    own.skip("httpbodyencoding")
    if headers:
        block.keys["headers"] = headers
    _redirects(own, block)
    _status(own, block)
    _login(own, block, secrets)
    _tls(own, block)
    own.lose("a parameter that differs from check to check is not added", "cachebust")
    if own.flag("expirynotification"):
        block.expect("certificate", "21d", "warn")
    return own.text("url")


def _headers(own: Fields, block: Block, secrets: Secrets) -> dict[str, str]:
    found = listed(own.raw("headers"), "headers")
    if not isinstance(found, dict):
        own.lose("are no JSON", "headers")
        return {}
    pairs = Fields({"headers": found}, block.note).pairs("headers")
    return {name: secrets.in_header(name, value, block.title) for name, value in pairs.items()}


def _redirects(own: Fields, block: Block) -> None:
    most = own.count("maxredirects")
    if most == 0:
        block.keys["follow_redirects"] = False
    elif most is not None and most != 10:
        block.keys["max_redirects"] = most


def _status(own: Fields, block: Block) -> None:
    key = "acceptedstatuscodes" if own.has("acceptedstatuscodes") else "acceptedstatuscodesjson"
    given = listed(own.raw(key), key)
    codes: set[int] = set()
    for one in given if isinstance(given, list) else []:
        found = _CODES.fullmatch(str(one).strip())
        if found is None:
            own.note(key, "holds what is no status")
        else:
            codes |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    if codes and (compacted := compact_codes(codes)) != ["2xx"]:
        block.expect("status", compacted[0] if len(compacted) == 1 else compacted)


def _login(own: Fields, block: Block, secrets: Secrets) -> None:
    method = own.text("authmethod")
    user, password = own.text("basicauthuser"), own.text("basicauthpass")
    if method in ("", "basic", "null") and user:
        hidden = secrets.hide(password, f'password of "{block.title}"', block.title, "password")
        block.keys["auth"] = {"basic": [user, hidden]}
    elif method == "bearer":
        token = secrets.hide(own.text("bearertoken"), f'token of "{block.title}"', block.title, "token")
        block.keys["auth"] = {"bearer": token}
    elif method == "oauth2-cc":
        _oauth2(own, block, secrets)
    elif method == "mtls":
        own.note(
            "authmethod",
            'its certificate is in the database; save it, and write tls = { cert = "…", key = "…" }',
        )
    elif method not in ("", "null", "basic"):
        own.note("authmethod", f"there is no {method} authentication")
    own.skip("authworkstation", "authdomain", "tlsca", "tlscert", "tlskey", "bearertoken", "oauthclientid")
    own.skip("oauthclientsecret", "oauthtokenurl", "oauthscopes", "oauthauthmethod")
    own.lose("no audience is asked for", "oauthaudience")


def _oauth2(own: Fields, block: Block, secrets: Secrets) -> None:
    hidden = secrets.hide(
        own.text("oauthclientsecret"), f'OAuth client of "{block.title}"', block.title, "client secret"
    )
    table = {
        "token_url": own.text("oauthtokenurl"),
        "client_id": own.text("oauthclientid"),
        "client_secret": hidden,
    }
    scope = own.text("oauthscopes")
    block.keys["auth"] = {"oauth2": {**table, **({"scope": scope} if scope else {})}}


def _tls(own: Fields, block: Block) -> None:
    if own.flag("ignoretls"):
        block.keys["tls"] = {"verify": False}


def _keyword(own: Fields, block: Block, secrets: Secrets) -> str:
    url = _http(own, block, secrets)
    name = "not_contains" if own.flag("invertkeyword") else "contains"
    block.expect("body", {name: own.text("keyword")})
    return url


def _json_query(own: Fields, block: Block, secrets: Secrets) -> str:
    url = _http(own, block, secrets)
    query, operator = own.text("jsonpath"), own.text("jsonpathoperator", "==") or "=="
    path = json_path(query.removeprefix("$")) if _SIMPLE_QUERY.fullmatch(query) else None
    value, name = literal(own.text("expectedvalue")), _OPERATORS.get(operator)
    if path is None or name is None:
        own.note("jsonpath", f"{query} {operator} {value}: write it as an RFC 9535 path in expect.json")
    else:
        block.expect("json", {path: value if name == "eq" else {name: value}})
    return url


# ── everything else ─────────────────────────────────────────────────────────────────────────────


def _port(own: Fields, block: Block, _secrets: Secrets) -> str:
    own.lose("a handshake that has to fail is not checked", "expectedtlsalert")
    security = own.text("smtpsecurity")
    if security in ("secure", "starttls"):
        block.keys |= {"starttls": "smtp"} if security == "starttls" else {}
        return _at_port(own, "tls")
    return _at_port(own, "tcp")


def _ping(own: Fields, block: Block, _secrets: Secrets) -> str:
    count = own.count("pingcount")
    if count:
        block.keys["count"] = min(max(count, 1), 100)
    if own.count("packetsize") not in (None, 56):
        own.note("packetsize", "echo requests are of one size")
    own.lose("the timeout is of the whole check", "pingperrequesttimeout")
    own.skip("packetsize", "pingnumeric")
    return f"icmp://{_host(own)}"


def _dns(own: Fields, block: Block, _secrets: Secrets) -> str:
    servers = [one.strip() for one in own.text("dnsresolveserver").split(",") if one.strip()]
    port = own.count("port")
    if len(servers) > 1:
        own.note("dnsresolveserver", f"one server is asked: {servers[0]}")
    at = f"&server={servers[0]}" + (f":{port}" if port not in (None, 53) else "") if servers else ""
    _dns_conditions(own, block)
    return f"dns://{quote(own.text('hostname'), safe='.-_')}?type={own.text('dnsresolvetype') or 'A'}{at}"


def _dns_conditions(own: Fields, block: Block) -> None:
    conditions = listed(own.raw("conditions"), "conditions")
    for one in conditions if isinstance(conditions, list) else []:
        simple = isinstance(one, dict) and one.get("variable") == "record" and one.get("operator") == "equals"
        if simple and one.get("andOr", "and") == "and":
            block.keys.setdefault("expect", {}).setdefault("records", []).append(str(one.get("value")))
        else:
            own.note("conditions", "only records that are written out can be expected")


def _push(own: Fields, block: Block, secrets: Secrets) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", block.title.lower()).strip("-") or "push"
    token = own.text("pushtoken")
    if token:
        block.keys["token"] = secrets.hide(token, f'token of "{block.title}"', block.title, "token")
    block.note("", f"report with /push/{name}?token=… instead of /api/push/…")
    return f"push:{name}"


def _database(scheme: str, default: str) -> Callable[[Fields, Block, Secrets], str]:
    def made(own: Fields, block: Block, _secrets: Secrets) -> str:
        query = own.text("databasequery")
        if query and query != default and scheme != "redis":
            block.keys["query"] = query
        _tls(own, block)
        own.lose("its conditions are to be written as expect.rows or expect.value", "conditions")
        url = own.text("databaseconnectionstring")
        return re.sub(r"^(postgresql|postgres|mysql|mariadb)(?=://)", scheme, url)

    return made


def _mqtt(own: Fields, block: Block, secrets: Secrets) -> str:
    user, password = own.text("mqttusername"), own.text("mqttpassword")
    host = own.text("hostname")
    secure = host.startswith(("mqtts://", "wss://"))
    host = host.rpartition("://")[2]
    hidden = secrets.hide(password, f'password of "{block.title}"', block.title, "password")
    login = (
        f"{quote(user, safe='')}:{hidden}@"
        if user and password
        else f"{quote(user, safe='')}@"
        if user
        else ""
    )
    port = f":{own.count('port')}" if own.count("port") else ""
    own.lose("the check ends with the session; it waits for no message", "mqtttopic", "mqttsuccessmessage")
    own.lose("MQTT over WebSocket is not supported", "mqttwebsocketpath")
    if own.text("mqttchecktype") == "json-query":
        query = f"{own.text('jsonpath')} {own.text('jsonpathoperator', '==')} {own.text('expectedvalue')}"
        own.note("jsonpath", f"{query}: the check waits for no message")
    own.skip("mqttchecktype", "jsonpath", "expectedvalue", "jsonpathoperator")
    return f"{'mqtts' if secure else 'mqtt'}://{login}{host}{port}"


def _grpc(own: Fields, block: Block, _secrets: Secrets) -> str:
    scheme = "grpcs" if own.flag("grpcenabletls") else "grpc"
    own.lose(
        "the standard health service is asked, not a method of one's own",
        "grpcprotobuf",
        "grpcmethod",
        "grpcbody",
    )
    own.lose("the standard health service is asked, not a method of one's own", "keyword", "grpcmetadata")
    _tls(own, block)
    return (
        f"{scheme}://{own.text('grpcurl').rpartition('://')[2]}/{quote(own.text('grpcservicename'))}".rstrip(
            "/"
        )
    )


def _websocket(own: Fields, block: Block, _secrets: Secrets) -> str:
    if own.text("wssubprotocol"):
        block.keys["headers"] = {"Sec-WebSocket-Protocol": own.text("wssubprotocol")}
    own.lose("the answer to our key is always verified", "wsignoresecwebsocketacceptheader")
    codes = listed(own.raw("acceptedstatuscodes") or own.raw("acceptedstatuscodesjson"), "codes")
    if codes not in (None, ["1000"], ["200-299"]):  # of a close that succeeds, and the form's default
        own.note("acceptedstatuscodes", "the check ends with the upgrade; codes of a close are not compared")
    own.skip("acceptedstatuscodes", "acceptedstatuscodesjson")
    _tls(own, block)
    return own.text("url")


def _smtp(own: Fields, block: Block, _secrets: Secrets) -> str:
    security = own.text("smtpsecurity")
    if security == "starttls":
        block.keys["starttls"] = "smtp"
        return _at_port(own, "tls", 587)
    return _at_port(own, "tls", 465) if security == "secure" else _at_port(own, "smtp", 25)


def _rabbitmq(own: Fields, block: Block, secrets: Secrets) -> str:
    nodes = listed(own.raw("rabbitmqnodes"), "rabbitmqnodes")
    first = str(nodes[0]) if isinstance(nodes, list) and nodes else ""
    if isinstance(nodes, list) and len(nodes) > 1:
        own.note("rabbitmqnodes", f"one node is asked: {first}; write an endpoint for each")
    user = own.text("rabbitmqusername")
    password = secrets.hide(
        own.text("rabbitmqpassword"), f'password of "{block.title}"', block.title, "password"
    )
    if user:
        block.keys["auth"] = {"basic": [user, password]}
    return f"{first.rstrip('/')}/api/health/checks/alarms"


def _real_browser(own: Fields, block: Block, _secrets: Secrets) -> str:
    block.note("", "was opened in a browser; here the page is only fetched")
    own.skip("remotebrowser", "screenshotdelay")
    _status(own, block)
    return own.text("url")


_MAKERS: Mapping[str, Callable[[Fields, Block, Secrets], str]] = {
    "http": _http,
    "keyword": _keyword,
    "json-query": _json_query,
    "real-browser": _real_browser,
    "port": _port,
    "ping": _ping,
    "dns": _dns,
    "push": _push,
    "mysql": _database("mysql", "SELECT 1"),
    "postgres": _database("postgres", "SELECT 1"),
    "redis": _database("redis", ""),
    "mqtt": _mqtt,
    "rabbitmq": _rabbitmq,
    "grpc-keyword": _grpc,
    "websocket-upgrade": _websocket,
    "smtp": _smtp,
}
"""Type -> the function that returns the URL and sets the keys."""

TYPES: frozenset[str] = frozenset({*_MAKERS, *_NONE, "group"})
