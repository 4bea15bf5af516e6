"""The dashboard's screens, one a file. Each but the first is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from textual.screen import Screen


def _later(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        return cast("Screen[Any]", getattr(import_module(f"{__name__}.{module}"), name)())

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
    "columns": _later("columns", "ColumnsView"),
    "endpoint": _later("form", "FormView"),
}
"""By name, as ``App.push_screen`` takes them. They are kept and reused: a screen made anew leaks."""
