"""`monitor daemon`: the engine without a screen, in the foreground."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from monitor.commands._arguments import add_service_arguments

NAME = "daemon"
HELP = "run without a screen, in the foreground; dashboards attach to it"


def add_arguments(parser: ArgumentParser) -> None:
    add_service_arguments(parser)


def run(args: Namespace) -> int:
    import gc
    import signal

    from monitor.checks import loop
    from monitor.config import find_config, load
    from monitor.link.address import default_socket
    from monitor.service.daemon import claimed, run_daemon, tidied
    from monitor.service.log import Log
    from monitor.service.systemd import Notifier

    gc.disable()  # until all is loaded, of which nearly everything stays
    # A reload that is requested during the start must not end the process.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    file = find_config(args.config).absolute()
    config = load(file)
    socket = Path(config.settings.socket) if config.settings.socket else default_socket(file)
    with claimed(socket), tidied():
        log = Log(args.log_format)
        try:
            loop.run(run_daemon(config, socket, log, Notifier()))
        finally:
            log.close()
    return 0
