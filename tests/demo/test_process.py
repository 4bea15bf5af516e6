import sys
from pathlib import Path

import pytest

from monitor.demo.process import zoo_process
from monitor.errors import MonitorError


def test_the_zoo_runs_for_as_long_as_it_is_wanted():
    with zoo_process() as zoo:
        assert Path(zoo.config).read_text().startswith("# What `monitor demo` watches")
        assert "http" in zoo.addresses
    assert not Path(zoo.config).exists()


def test_a_zoo_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'first line' >&2\necho 'no room' >&2\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(MonitorError, match="did not start: no room"), zoo_process():
        pass
