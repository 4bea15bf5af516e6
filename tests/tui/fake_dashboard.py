"""A dashboard in a real terminal, on an engine that a test plays. Run by the pty tests."""

import itertools
import sys

from fake_source import mixed, row

from monitor.tui.app import Dashboard


def busy(source):
    """Have every pull bring something."""
    said, latencies = source.pull, itertools.count(1.0)

    async def pull():
        source.push(*(row(handle, latency_ms=next(latencies)) for handle in (0, 3, 5)))
        return await said()

    source.pull = pull


class Crashing(Dashboard):
    def on_ready(self):
        raise RuntimeError("boom")


if __name__ == "__main__":
    source = mixed()
    kind = Crashing if "--crash" in sys.argv else Dashboard
    dashboard = kind(source, ascii_only="--ascii" in sys.argv)
    if "--busy" in sys.argv:
        busy(source)
    status = dashboard.run(mouse="--no-mouse" not in sys.argv)
    if dashboard.crash:
        print(f"internal error: {type(dashboard.crash).__name__}: {dashboard.crash}")
        sys.exit(2)
    sys.exit(status if source.closed else 99)
