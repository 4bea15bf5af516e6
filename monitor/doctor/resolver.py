"""The resolver: whether its servers answer, how fast, and its search domains."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from monitor.doctor import Finding, Level
from monitor.model import Config
from monitor.syntax.duration import format_ms

_PATIENCE = 2.0
"""Timeout of a server in seconds."""
_SLOW = 200.0
"""Milliseconds from which a server is slow: every check of a name waits for it."""
_CACHE = "run a cache on this machine: systemd-resolved, unbound or dnsmasq"


def examine(_config: Config) -> Iterable[Finding]:
    import dns.resolver

    try:
        system = dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError) as error:
        yield Finding(Level.BAD, f"no name server is configured: {error}", "name one in /etc/resolv.conf")
        return
    servers = [str(server) for server in system.nameservers]
    yield from judged([(server, _asked(server, int(system.port))) for server in servers])
    yield searching([name.to_text(omit_final_dot=True) for name in system.search], int(system.ndots or 1))


def _asked(server: str, port: int) -> float | None:
    """Milliseconds until the server answers a question of its root; None if it does not."""
    import dns.exception
    import dns.message
    import dns.query

    query: Any = dns.message.make_query(".", "NS")
    began = time.perf_counter()
    try:
        dns.query.udp(query, server, timeout=_PATIENCE, port=port)
    except (dns.exception.DNSException, OSError):
        return None
    return (time.perf_counter() - began) * 1000


def judged(answers: list[tuple[str, float | None]]) -> Iterable[Finding]:
    """Judge the response times of the servers, in their order."""
    if not answers:
        yield Finding(Level.BAD, "no name server is configured", "name one in /etc/resolv.conf")
        return
    silent = [server for server, taken in answers if taken is None]
    if len(silent) == len(answers):
        text = f"no name server answers ({', '.join(silent)}): names cannot be resolved"
        yield Finding(Level.BAD, text, "check /etc/resolv.conf and the way to the servers (port 53)")
        return
    if answers[0][1] is None:
        text = f"the first name server, {silent[0]}, does not answer: each look-up waits for it"
        yield Finding(Level.BAD, text, "take it out of /etc/resolv.conf, or write 'options timeout:1' there")
    elif silent:
        yield Finding(Level.WARN, f"{', '.join(silent)} does not answer", "take it out of /etc/resolv.conf")
    for server, taken in answers:
        if taken is not None:
            slow = taken > _SLOW
            yield Finding(
                Level.WARN if slow else Level.OK, f"{server} answers in {format_ms(taken)}", _CACHE * slow
            )


def searching(domains: list[str], dots: int) -> Finding:
    """Judge the effect of search domains on the names in a config."""
    if not domains or domains == ["."]:
        return Finding(Level.OK, "names are looked up as they are written")
    text = f"{', '.join(domains[:4])} is tried behind names with fewer than {dots} dot{'s' * (dots != 1)}"
    if dots < 2:
        return Finding(Level.OK, text)
    remedy = "end names in the config with a dot, or write 'options ndots:1' in /etc/resolv.conf"
    return Finding(Level.WARN, f"{text}: look-ups take several questions, and may find another host", remedy)
