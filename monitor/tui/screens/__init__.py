"""The dashboard's screens, one per file. All but the first are created on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from textual.screen import Screen


def _later(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        screen = cast("Screen[Any]", getattr(import_module(f"{__name__}.{module}"), name)())
        screen.id = module
        return screen

    return make


SCREENS: Mapping[str, Callable[[], Screen[Any]]] = {
    "detail": _later("detail", "DetailView"),
    "incidents": _later("incidents", "IncidentsView"),
    "log": _later("log", "LogView"),
    "help": _later("help", "HelpView"),
    "certificates": _later("certificates", "CertificatesView"),
    "compare": _later("compare", "CompareView"),
    "wall": _later("wall", "WallView"),
    "config": _later("config", "ConfigView"),
    "silences": _later("silences", "SilencesView"),
    "dependencies": _later("dependencies", "DependenciesView"),
    "columns": _later("columns", "ColumnsView"),
    "endpoint": _later("form", "FormView"),
    "edit": _later("edit", "EditView"),
    "bulk": _later("bulk", "BulkView"),
}
"""Screens by the name for ``App.push_screen``. They are reused: recreating a screen leaks memory."""
