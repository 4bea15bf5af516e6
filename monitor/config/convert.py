"""Converts TOML values to the types of dataclass fields (see :mod:`monitor.fields`).

A converter takes a value and complains of everything wrong in it, each at its own place; it then
returns :data:`INVALID`.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from monitor.config.document import Document
from monitor.config.editing.positions import Path
from monitor.config.interpolate import Unresolved
from monitor.config.paths import user_path
from monitor.errors import FieldError
from monitor.fields import Url
from monitor.redact import Secretive, as_url, shown
from monitor.syntax.duration import parse_duration, parse_size
from monitor.text import plain

_T = TypeVar("_T")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_LARGEST = 1_000_000_000
"""Limit of whole numbers: none beyond it is meant, and messages between processes have 64 bits."""


class _Invalid:
    """Stands for a value with a problem."""


INVALID: Final = _Invalid()


@dataclass(frozen=True)
class Place:
    """The place of a value, for complaints."""

    document: Document
    path: Path

    def complain(self, text: str) -> _Invalid:
        self.document.complain(self.path, text)
        return INVALID

    def doubt(self, text: str) -> None:
        """Warn of the value at this place."""
        self.document.doubt(self.path, text)

    def below(self, key: str | int) -> Place:
        return Place(self.document, (*self.path, key))


Converter = Callable[[Any, Place], Any]


def described(value: Any) -> str:
    """A TOML value for messages: ``a string ("abc")``, ``true``, ``an array``."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the string "{plain(shown(value), 60)}"'
        case list():
            return "an array"
        case dict():
            return "a table"
    return f"a date or time ({value})"


def _wrong(place: Place, value: Any, wanted: str) -> _Invalid:
    return place.complain(f"is {described(value)}; it must be {wanted}")


def per_class(make: Callable[[type], _T]) -> Callable[[type], _T]:
    """``functools.cache``, whose own type refuses classes that define ``__eq__``."""
    return cast("Callable[[type], _T]", cache(make))


@per_class
def hints(cls: type) -> Mapping[str, Any]:
    """The annotations of a dataclass's fields, resolved."""
    return get_type_hints(cls, include_extras=True)


@per_class
def table_fields(cls: type) -> Mapping[str, Field[Any]]:
    """The fields of a dataclass that are TOML keys."""
    return {field.name: field for field in fields(cls) if "help" in field.metadata}


@cache
def converter(annotation: Any) -> Converter:
    """The converter for one annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _MARKED[arguments[1]]
    if origin in (Union, types.UnionType):
        return converter(next(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return _one_of(arguments)
    if origin is tuple:
        return _array_of(converter(arguments[0]), is_text=arguments[0] in (str, Url))
    if origin is not None and issubclass(origin, Mapping):
        return _table_of(converter(arguments[1]))
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _dataclass(annotation)
    return _PLAIN[annotation]


def resolved(convert: Converter) -> Converter:
    """``convert``, for values whose ``${…}`` may have stayed unresolved."""

    def checked(value: Any, place: Place) -> Any:
        return INVALID if isinstance(value, Unresolved) else convert(value, place)

    return checked


# ── single values ───────────────────────────────────────────────────────────────────────────────


@resolved
def _text(value: Any, place: Place) -> Any:
    return value if isinstance(value, str) else _wrong(place, value, "a string, in quotes")


@resolved
def _url(value: Any, place: Place) -> Any:
    return as_url(value) if isinstance(value, str) else _wrong(place, value, "a URL, in quotes")


@resolved
def _flag(value: Any, place: Place) -> Any:
    if isinstance(value, Secretive) and value in ("true", "false"):
        return value == "true"  # ${…} has only string values
    return value if isinstance(value, bool) else _wrong(place, value, "true or false, without quotes")


@resolved
def _integer(value: Any, place: Place) -> Any:
    if isinstance(value, Secretive) and _WHOLE.fullmatch(value.strip()):
        value = int(value)  # as above
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _LARGEST else place.complain(f"must be {_LARGEST} or less")
    return _wrong(place, value, "a whole number, without quotes")


@resolved
def _number(value: Any, place: Place) -> Any:
    if isinstance(value, Secretive) and _NUMBER.fullmatch(value.strip()):
        value = float(value)  # as above
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) <= _LARGEST else math.inf
        return number if math.isfinite(number) else place.complain(f"must be {_LARGEST} or less")
    return _wrong(place, value, "a number, without quotes")


def _measure(parse: Callable[[Any], Any], wanted: str) -> Converter:
    @resolved
    def convert(value: Any, place: Place) -> Any:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return _wrong(place, value, wanted)
        try:
            return parse(value)
        except ValueError as error:
            hidden = isinstance(value, Secretive)
            return place.complain(f"must be {wanted}" if hidden else str(error))

    return convert


@resolved
def _file(value: Any, place: Place) -> Any:
    """A file, relative to the config that names it; it must exist."""
    if not isinstance(value, str):
        return _wrong(place, value, "the path of a file, in quotes")
    try:
        file = user_path(value, place.document.file.parent)
    except ValueError as error:
        return place.complain(str(error))
    if not file.is_file():
        return place.complain(f"names {plain(shown(value))}, and there is no such file ({file.parent})")
    return str(file)


def _anything(value: Any, place: Place) -> Any:
    """Any TOML value whose ``${…}`` are all resolved."""
    if isinstance(value, Unresolved):
        return INVALID
    if isinstance(value, dict):
        return _whole({key: _anything(item, place.below(key)) for key, item in value.items()})
    if isinstance(value, list):
        items = [_anything(item, place.below(at)) for at, item in enumerate(value)]
        return INVALID if INVALID in items else items
    return value


def _whole(table: dict[str, Any]) -> Any:
    return INVALID if any(item is INVALID for item in table.values()) else table


@resolved
def _quorum(value: Any, place: Place) -> Any:
    number = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if number or value in ("any", "majority", "all"):
        return value
    return _wrong(place, value, '"any", "majority", "all", or a number of locations')


_PLAIN: Mapping[Any, Converter] = {str: _text, bool: _flag, int: _integer, float: _number, Any: _anything}
_MARKED: Mapping[str, Converter] = {
    "duration": _measure(parse_duration, 'a duration such as "30s", or a number of seconds'),
    "size": _measure(parse_size, 'a size such as "1MiB", or a number of bytes'),
    "path": _file,
    "url": _url,
    "json": _anything,
    "quorum": _quorum,
}


def _one_of(allowed: Sequence[Any]) -> Converter:
    spelt = {str(one): f'"{one}"' if isinstance(one, str) else str(one) for one in allowed}
    listed = ", ".join(spelt.values())

    @resolved
    def convert(value: Any, place: Place) -> Any:
        if value in allowed and not isinstance(value, bool):
            return value
        near = get_close_matches(str(value), spelt, n=1)
        hint = f" (did you mean {spelt[near[0]]}?)" if near else ""
        return place.complain(f"is {described(value)}; it must be one of {listed}{hint}")

    return convert


# ── arrays and tables ───────────────────────────────────────────────────────────────────────────


def _array_of(convert_item: Converter, *, is_text: bool) -> Converter:
    @resolved
    def convert(value: Any, place: Place) -> Any:
        if is_text and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            return _wrong(place, value, "an array, as in [ … ]")
        items = tuple(convert_item(item, place.below(at)) for at, item in enumerate(value))
        return INVALID if INVALID in items else items

    return convert


def _table_of(convert_item: Converter) -> Converter:
    @resolved
    def convert(value: Any, place: Place) -> Any:
        if not isinstance(value, dict):
            return _wrong(place, value, "a table, as in { key = value }")
        return _whole({key: convert_item(item, place.below(key)) for key, item in value.items()})

    return convert


def _dataclass(cls: type) -> Converter:
    known = table_fields(cls)

    @resolved
    def convert(value: Any, place: Place) -> Any:
        if not isinstance(value, dict):
            return _wrong(place, value, f"a table, as in {{ {next(iter(known))} = … }}")
        found = converted(cls, value, place)
        complete = [_required(key, field, value, place) for key, field in known.items()]
        return INVALID if _whole(found) is INVALID or not all(complete) else made(cls, found, place)

    return convert


def converted(cls: type, table: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The values of ``table`` converted for the fields of ``cls``, or INVALID, key by key."""
    known = table_fields(cls)
    return {key: _field(cls, known, key, item, place.below(key)) for key, item in table.items()}


def _field(cls: type, known: Mapping[str, Any], key: str, value: Any, place: Place) -> Any:
    if key not in known:
        return place.complain(unknown(key, known))
    return converter(hints(cls)[key])(value, place)


def _required(key: str, field: Field[Any], given: Mapping[str, Any], place: Place) -> bool:
    """Whether ``key`` has a value; complains of a missing one that is required."""
    if key in given or field.default is not MISSING:
        return True
    help = field.metadata["help"].rstrip(".")
    place.complain(f"lacks {key}: {help[:1].lower()}{help[1:]}")
    return False


def made(cls: type, found: Mapping[str, Any], place: Place) -> Any:
    """An instance of ``cls``; its own FieldError becomes a complaint at the key."""
    try:
        return cls(**found)
    except FieldError as error:
        # The key is dotted from the endpoint on; the table that holds this one is its beginning.
        outer = place.path[:-1] if error.key.partition(".")[0] == place.path[-1] else place.path
        place.document.complain_of(outer, error)
        return INVALID


def unknown(key: str, known: Sequence[str] | Mapping[str, Any], what: str = "key") -> str:
    """The complaint about an unknown key, with the one that may be meant."""
    near = nearest(key, known)
    if near:
        return f'is no {what} here; did you mean "{near}"?'
    return f"is no {what} here; there are {', '.join(sorted(known))}"


def nearest(word: str, known: Sequence[str] | Mapping[str, Any]) -> str | None:
    """The known word that is nearest to ``word``; case, dashes and underscores do not count."""
    simple = {_simplified(one): one for one in known}
    near = get_close_matches(_simplified(word), simple, n=1, cutoff=0.6)
    return simple[near[0]] if near else None


def _simplified(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
