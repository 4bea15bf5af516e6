"""The rows of a view in a file, as CSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.tui.data.moments import clock

Row = Mapping[str, Any]


def suggested_name(view: str, now: float) -> str:
    """A file name for the rows of a view."""
    return f"monitor-{view}-{clock(now, '%Y%m%d-%H%M%S')}.csv"


def write_rows(name: str, rows: Sequence[Row]) -> Path:
    """Write ``rows`` to a new file; a name that ends in ``.json`` makes it JSON. Raises UsageError."""
    path = Path(name)
    form = {".csv": to_csv, ".json": to_json}.get(path.suffix.casefold())
    if form is None:
        raise UsageError(f"{name}: the name has to end in .csv or .json")
    try:
        path = path.expanduser().absolute()
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(form(rows))
    except FileExistsError:
        raise UsageError(f"{path} exists already") from None
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    return path


def to_json(rows: Sequence[Row]) -> str:
    """The rows as one JSON array."""
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def to_csv(rows: Sequence[Row]) -> str:
    """The rows with a header; keys of nested objects are joined by ``_``, lists are JSON."""
    flat = [dict(_flat(row)) for row in rows]
    out = StringIO()
    writer = csv.DictWriter(out, dict.fromkeys(key for row in flat for key in row), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return out.getvalue()


def _flat(row: Row, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}_")
        else:
            yield prefix + key, _cell(value)


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ",".join(value) if _are_words(value) else json.dumps(value, ensure_ascii=False)
    return value


def _are_words(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) and "," not in value for value in values)
