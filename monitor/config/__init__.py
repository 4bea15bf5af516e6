"""TOML in, endpoints out: read, interpolate, convert, and every problem at once with its line."""

from monitor.config.diff import diff
from monitor.config.find import configured_history, configured_socket, find_config, refuse_unknown
from monitor.config.load import from_targets, load
from monitor.config.schema import json_schema
from monitor.config.starter import starter
from monitor.config.watch import Watcher
from monitor.model import Difference

__all__ = [
    "Difference",
    "Watcher",
    "configured_history",
    "configured_socket",
    "diff",
    "find_config",
    "from_targets",
    "json_schema",
    "load",
    "refuse_unknown",
    "starter",
]
