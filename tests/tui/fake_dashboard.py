"""A dashboard in a real terminal, on an engine that says the same all the time. Run by the pty tests."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fake_source import mixed  # noqa: E402

from monitor.tui.app import Dashboard  # noqa: E402

if __name__ == "__main__":
    source = mixed()
    status = Dashboard(source, ascii_only="--ascii" in sys.argv).run(mouse="--no-mouse" not in sys.argv)
    sys.exit(status if source.closed else 99)
