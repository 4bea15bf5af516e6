"""Optional libraries and programs: those that the config needs, and those that are installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec

from monitor.doctor import Finding, Level
from monitor.model import Config

_OUR_SCHEMES = ("http://", "https://", "exec:")
"""Alert services that need no library."""


def _alerts(config: Config) -> bool:
    return any(not alert.url.startswith(_OUR_SCHEMES) for alert in config.alerts)


def _http3(config: Config) -> bool:
    return any(getattr(endpoint.probe, "http_version", None) == "3" for endpoint in config.endpoints)


def _cluster(config: Config) -> bool:
    return config.cluster is not None


def _nothing(_config: Config) -> bool:
    return False


EXTRAS: Mapping[str, tuple[tuple[str, ...], Callable[[Config], bool], str]] = {
    "alerts": (("apprise",), _alerts, "chat, mail, pager, SMS and desktop messages"),
    "cluster": (("nats", "nkeys"), _cluster, "checks from several locations, over NATS"),
    "compression": (
        ("brotli", "zstandard"),
        _nothing,
        "Brotli and Zstandard; gzip and deflate are always there",
    ),
    "http3": (("aioquic",), _http3, "HTTP/3"),
    "import": (("yaml",), _nothing, "monitor import of YAML"),
    "rustls": (("rtls",), _nothing, "checks over TLS that take a third less CPU time"),
}
"""Extra -> its modules, whether a config needs it, and its purpose."""


def examine(config: Config) -> Iterable[Finding]:
    for extra, (modules, needs, purpose) in EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        yield judged(extra, purpose, missing=bool(missing), needed=needs(config))
    yield from _programs(config)


def judged(extra: str, purpose: str, *, missing: bool, needed: bool) -> Finding:
    """Judge whether an extra is installed."""
    if not missing:
        return Finding(Level.OK, f"{extra} is installed: {purpose}")
    remedy = f"pip install 'monitor[{extra}]'"
    if needed:
        return Finding(Level.BAD, f"{extra} is not installed, and the config needs it: {purpose}", remedy)
    return Finding(Level.OK, f"{extra} is not installed, and the config does not need it: {purpose}", remedy)


def _programs(config: Config) -> Iterable[Finding]:
    """The commands of exec endpoints that do not exist."""
    words = [
        getattr(one.probe, "command", []) for one in config.endpoints if one.enabled and one.kind == "exec"
    ]
    for program in sorted({str(command[0]) for command in words if command}):
        if shutil.which(program) is None:
            text = f"the program {program} of an exec endpoint does not exist, or may not be run"
            yield Finding(Level.BAD, text, "install it, or write its whole path")
