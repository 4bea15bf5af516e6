"""A dashboard in a real terminal, on an engine that a test plays. Run by the pty tests."""

import itertools
import signal
import sys

from fake_source import failed, mixed, row

from monitor.tui.app import Dashboard


def busy(source):
    """Have every pull bring something."""
    said, latencies = source.pull, itertools.count(1.0)

    async def pull(uptimes=()):
        source.push(*(row(handle, latency_ms=next(latencies)) for handle in (0, 3, 5)))
        return await said(uptimes)

    source.pull = pull


class Crashing(Dashboard):
    def on_ready(self):
        raise RuntimeError("boom")


class Stuck(Dashboard):
    def on_ready(self):
        print("stuck", end="", file=sys.__stdout__, flush=True)
        while True:
            pass


if __name__ == "__main__":
    source = mixed()
    kinds = {"--crash": Crashing, "--stuck": Stuck}
    kind = next((kinds[one] for one in sys.argv if one in kinds), Dashboard)
    dashboard = kind(source, symbols="ascii" if "--ascii" in sys.argv else "")
    if "--break-on-signal" in sys.argv:
        signal.signal(signal.SIGUSR1, lambda *_: source.push(failed(0), failed(3)))
    if "--busy" in sys.argv:
        busy(source)
    status = dashboard.run(mouse="--no-mouse" not in sys.argv)
    if dashboard.crash:
        print(f"internal error: {type(dashboard.crash).__name__}: {dashboard.crash}")
        sys.exit(2)
    sys.exit(status if source.closed else 99)
