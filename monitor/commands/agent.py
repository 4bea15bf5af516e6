"""`monitor agent`: checks for a cluster, from one location."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from monitor.commands._arguments import add_service_arguments

NAME = "agent"
HELP = "check for a cluster, from one location"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--location", metavar="NAME", help="where this machine is; default: cluster.location")
    add_service_arguments(parser)


def run(args: Namespace) -> int:
    import signal

    from monitor.checks import loop
    from monitor.config import find_config
    from monitor.config.cluster import is_location
    from monitor.errors import UsageError
    from monitor.service.agent import load_for, run_agent
    from monitor.service.daemon import tidied
    from monitor.service.log import Log

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if args.location is not None and not is_location(args.location):
        raise UsageError(f"{args.location!r} is no location; use letters, digits, '-' and '_', at most 32")
    file = find_config(args.config).absolute()
    config, location = load_for(file, args.location)
    with tidied():
        log = Log(args.log_format)
        try:
            loop.run(run_agent(config, location, log))
        finally:
            log.close()
    return 0
