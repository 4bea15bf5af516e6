"""JSON for any stream: text that its encoding lacks is escaped, so that it is not lost."""

from __future__ import annotations

import json
from typing import Any, TextIO


def write_document(document: Any, out: TextIO) -> None:
    """Write one indented document and a newline."""
    json.dump(document, out, indent=2, ensure_ascii=is_narrow(out))
    out.write("\n")


def is_narrow(out: TextIO) -> bool:
    """Whether the stream's encoding lacks some characters."""
    return not (out.encoding or "utf-8").lower().startswith("utf")
