"""Writing configs and reading what is wrong with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError
from monitor.model import Config

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a config, or another file beside it; its path."""

    def writing(text: str, name: str = "monitor.toml") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return writing


@pytest.fixture
def loaded(write: Write) -> Callable[[str], Config]:
    """Loads a config from its text."""
    return lambda text: load(write(text))


@pytest.fixture
def problems(write: Write) -> Callable[[str], list[str]]:
    """What is wrong with a config, each as ``LINE: KEY: text``."""

    def telling(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(write(text))
        return [f"{one.line}: {one.key}: {one.text}" for one in caught.value.problems]

    return telling
