"""A dashboard in a real terminal, on an engine that says the same all the time. Run by the pty tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fake_source import mixed

from monitor.tui.app import Dashboard

if __name__ == "__main__":
    source = mixed()
    status = Dashboard(source, ascii_only="--ascii" in sys.argv).run(mouse="--no-mouse" not in sys.argv)
    sys.exit(status if source.closed else 99)
