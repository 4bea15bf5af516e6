"""What bench/screen.py measures, each on the engine that listens on SOCKET.

    python bench/drawn.py {ours|datatable} SOCKET REPORT

``ours`` is the dashboard, ``datatable`` what bench/datatable.py makes of the same rows. REPORT gets
figures as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from gauges import FILLING, Lag, timed

from monitor.checks.limits import tune_collector
from monitor.link.client import Client
from monitor.tui.app import Dashboard
from monitor.tui.screens.overview import Overview


class Ours(Dashboard):
    lag = Lag()

    def on_ready(self) -> None:
        self.lag.begin()


Overview.rearrange = timed(Overview.rearrange)


def main(kind: str, socket: Path, report: Path) -> None:
    tune_collector()
    app = _app(kind)(Client(socket))
    app.run()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    report.write_text(json.dumps(app.lag.figures() | {"cpu": cpu, "filling": FILLING}))


def _app(kind: str) -> type[Any]:
    if kind == "ours":
        return Ours
    from datatable import Theirs

    return Theirs


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
