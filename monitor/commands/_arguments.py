"""Arguments that several commands take."""

from __future__ import annotations

from argparse import ArgumentParser


def add_targets(parser: ArgumentParser) -> None:
    """Add the arguments for the endpoints: URLs on the command line, or a config."""
    parser.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help="URL, host, host:port or host/path, instead of the config's endpoints",
    )
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="config file; with TARGETs, only its [defaults] are used"
    )


def add_select(parser: ArgumentParser) -> None:
    """Add the option that selects endpoints of the config."""
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="EXPR",
        help="only these: name:GLOB, group:GLOB, tag:GLOB, type:NAME or a GLOB on the name; repeatable",
    )


def add_service_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of every command that checks without a screen."""
    parser.add_argument("-c", "--config", metavar="FILE", help="config file")
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="format of the log on standard error; default: %(default)s",
    )
