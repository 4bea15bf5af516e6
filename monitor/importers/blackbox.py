"""Convert each of blackbox_exporter's modules to a group: a module has settings but no target."""

from __future__ import annotations

from pathlib import Path

from monitor.errors import UsageError
from monitor.importers._blackbox_modules import read_modules, take_module
from monitor.importers._draft import Block, Draft
from monitor.importers._fields import Fields
from monitor.importers._read import Table

HELP = "blackbox_exporter's blackbox.yml, its modules as groups"
WANTED = "a table in modules"

_TARGET = "TARGET.example.com"
_OWN = ("url", "name")


def convert(file: Path, draft: Draft, modules: Path | None) -> None:
    """Fill ``draft`` with a group, and an endpoint as an example, for each module."""
    if modules is not None:
        raise UsageError("--modules belongs to 'monitor import prometheus'")
    for name, module in read_modules(file).items():
        block = Block("groups", name=name, line=getattr(module, "line", 0))
        if not isinstance(module, Table):
            draft.top.note(f"modules.{name}", "is not a table")
            continue
        take_module(Fields(module, block.note), _TARGET, block, draft.secrets, file.parent)
        _example(block, draft)
        draft.groups.append(block)


def _example(block: Block, draft: Draft) -> None:
    """An endpoint of the group that waits for its target."""
    example = draft.endpoint(f"{block.name} of {_TARGET}")
    example.keys |= {"url": block.keys.pop("url"), "group": block.name}
    if "starttls" in block.keys:
        example.keys["starttls"] = block.keys.pop("starttls")
    example.refused, block.refused = block.refused, ""
    example.example = "a module has no targets; for each, write an endpoint like this"
