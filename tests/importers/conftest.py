"""What the importers' tests share."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load
from monitor.importers import Imported, imported
from monitor.model import Config

FILES = Path(__file__).parent / "files"


class Result:
    """An import, its text parsed, and the config that it comes to once its secrets are set."""

    def __init__(self, made: Imported, folder: Path) -> None:
        self.made, self.text, self.notes = made, made.text, made.notes
        self.said = "\n".join(made.notes)
        self.toml: dict[str, Any] = tomllib.loads(made.text)
        self._folder = folder

    @property
    def endpoints(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.toml.get("endpoints", [])}

    def only(self) -> dict[str, Any]:
        (one,) = self.toml["endpoints"]
        return one

    def config(self) -> Config:
        """What `monitor validate` would read, with every secret set to 1."""
        file = self._folder / "monitor.toml"
        text = self.text
        for name in self.made.needed:
            text = text.replace(f"${{{name}}}", f"${{{name}:-1}}")
        file.write_text(text, encoding="utf-8")
        return load(file)


Convert = Callable[..., Result]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    """Import a file, or what is to be in one, and hold the result against `monitor validate`."""

    def run(tool: str, given: Any, modules: Path | None = None, name: str = "given") -> Result:
        file = given if isinstance(given, Path) else tmp_path / name
        if not isinstance(given, Path):
            file.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
        result = Result(imported(tool, file, modules), tmp_path)
        result.config()
        return result

    return run
