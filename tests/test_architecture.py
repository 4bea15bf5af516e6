"""What holds for the source as a whole. The direction of imports is import-linter's business."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from monitor.commands import COMMANDS
from monitor.probes import KINDS, SCHEMES, probe_class

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "monitor"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST = 400

UNTESTED = {
    "__main__.py": "two lines; every test that starts the program runs them",
    "commands/__init__.py": "a table, tested here",
    "link/certificates.py": "messages only; test_messages.py sends them all",
    "link/paths.py": "values only; tested with the server and the client",
    "link/silences.py": "values only; tested with the server and the client",
    "store/batch.py": "values only; the writer's tests make them",
    "store/files.py": "tested with the writer, which meets every kind of file",
    "store/recording.py": "tested with the reader, which reads every kind of row",
    "store/rolling.py": "tested with the reader, before and after",
    "model/config.py": "values only; tested where they are made and read",
    "model/endpoint.py": "values only; tested where they are made and read",
    "model/events.py": "values only; tested where they are made and read",
    "model/path.py": "values only; tested where they are made and read",
    "model/report.py": "values only; tested where they are made and read",
    "model/message.py": "values only; tested where they are made and read",
    "model/notification.py": "values only; tested where they are made and read",
    "model/result.py": "values only; tested where they are made and read",
    "engine/saved.py": "values only; the tracker's tests save and restore them",
    "model/state.py": "values only; tested where they are made and read",
    "tui/data/source.py": "a protocol",
    "tui/drawing/section.py": "a value",
    "tui/view.py": "the base of the screens, whose tests run it",
    "web/assets.py": "text only; a browser reads it",
    "web/setup.py": "values only; tested where they are made and read",
}
"""Modules without a test file of their own, and why."""


def _said(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def _test_of(module: Path) -> Path:
    name = module.parent.name if module.name == "__init__.py" else module.stem.lstrip("_")
    return ROOT / "tests" / module.relative_to(SOURCE).parent / f"test_{name}.py"


def _is_empty(module: Path) -> bool:
    return not re.search(r"^(def|class|async def) ", module.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=_said)
def test_every_module_has_its_test_file(module: Path):
    if _said(module) in UNTESTED or (module.name == "__init__.py" and _is_empty(module)):
        return
    assert _test_of(module).is_file(), f"write {_test_of(module).relative_to(ROOT)}"


def test_exceptions_from_the_rule_are_needed():
    for name in UNTESTED:
        assert (SOURCE / name).is_file()
        assert not _test_of(SOURCE / name).exists()


@pytest.mark.parametrize("module", MODULES, ids=_said)
def test_a_module_is_short_enough_to_be_one_idea(module: Path):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST


def _tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".toml", ".md", ".sh", ""} and path.is_file():
            yield path


MACHINE_PATH = re.compile("|".join((r"/home/\w", r"/Users/\w", r"/wor" + r"k/", r"/opt/ve" + r"nv")))


def test_no_file_names_a_place_on_somebodys_machine():
    found = [str(path) for path in _tracked() if MACHINE_PATH.search(path.read_text(encoding="utf-8"))]
    assert not found


# ---- tables of extension points


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_called_what_its_class_says(kind: str):
    probe = probe_class(kind)
    assert probe.kind == kind
    assert {scheme for scheme, of in SCHEMES.items() if of == kind} == set(probe.schemes)


def test_no_probe_is_forgotten_in_the_table():
    modules = {path.stem for path in (SOURCE / "probes").glob("[!_]*.py")}
    assert modules == {place.partition(":")[0].rpartition(".")[2] for place in KINDS.values()}


def test_no_command_is_forgotten_in_the_table():
    modules = {f"monitor.commands.{path.stem}" for path in (SOURCE / "commands").glob("[!_]*.py")}
    assert modules == set(COMMANDS.values())


# ---- who pays for which library


MARK = "loaded:"


def _loaded(code: str) -> set[str]:
    """The top-level modules that a clean interpreter holds after running ``code``."""
    show = f"import sys; print({MARK!r}, *{{name.partition('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-P", "-c", f"{code}\n{show}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(run.stdout.partition(MARK)[2].split())


def _running(*arguments: str) -> str:
    return f"from monitor.cli import main; assert main({list(arguments)!r}) == 0"


HEADLESS = [name for name in COMMANDS if name != "dashboard"]


@pytest.mark.parametrize("command", HEADLESS)
def test_a_headless_command_does_not_load_the_screen(command: str):
    assert "textual" not in _loaded(f"import {COMMANDS[command]}")


def test_the_engine_does_not_load_the_screen():
    assert "textual" not in _loaded("import monitor.engine, monitor.link.server, monitor.link.process")


def test_an_engine_without_a_history_loads_no_database():
    assert "sqlite3" not in _loaded("import monitor.service.service, monitor.link.process")


CONFIG = """
[[endpoints]]
name = "Shop"
url = "https://shop.example/"
expect.json = { "$.status" = "ok" }
[[endpoints]]
url = "tcp://shop.example:80"
[[endpoints]]
url = "dns://shop.example"
"""


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], {"textual", "httpx", "rich", "asyncio", "msgspec", "cryptography", "argparse"}),
        (["--help"], {"textual", "httpx", "rich", "asyncio", "cryptography"}),
        (["validate", "FILE"], {"textual", "httpx", "rich", "cryptography"}),
        (["schema"], {"textual", "httpx", "rich", "cryptography"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_quick_command_stays_quick(arguments: Sequence[str], unwanted: set[str], tmp_path: Path):
    config = tmp_path / "monitor.toml"
    config.write_text(CONFIG)
    given = [str(config) if argument == "FILE" else argument for argument in arguments]
    assert not _loaded(_running(*given)) & unwanted


# ---- what third parties may import

PUBLIC = {
    "monitor.errors",
    "monitor.fields",
    "monitor.judge.expectations",
    "monitor.model",
    "monitor.probe",
    "monitor.text",
    "monitor.trace",
    "monitor.wire.connection",
}
"""Modules that kinds of checks from other packages build on; docs/plugins.md lists them."""


def _imported(source: str) -> set[str]:
    return set(re.findall(r"^from (monitor[\w.]*) import", source, re.MULTILINE))


def test_the_example_plugin_needs_only_public_modules():
    plugin = ROOT / "tests" / "example_plugin" / "monitor_finger.py"
    assert _imported(plugin.read_text(encoding="utf-8")) <= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_module_documents_every_public_name(name: str):
    module = importlib.import_module(name)
    names = getattr(module, "__all__", None) or [one for one in vars(module) if not one.startswith("_")]
    owned = [vars(module)[one] for one in names if getattr(vars(module)[one], "__module__", "") == name]
    assert [one.__name__ for one in owned if callable(one) and not one.__doc__] == []


def test_the_package_says_that_it_is_typed():
    assert (SOURCE / "py.typed").is_file()
