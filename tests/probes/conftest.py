"""Lets tests of probes use the servers beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
