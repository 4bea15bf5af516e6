"""Hypothesis strategies for documents that a JSON Schema describes, as far as ours use it."""

from typing import Any

from hypothesis import strategies as st

NUMBERS = st.integers(-10, 2000) | st.floats()
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        *("", "10s", "1h30m", "-5s", "1e400", "999999d", "1MiB", "9999999999999GiB", "2xx", "2", "x" * 300),
        *(
            "${NOPE}",
            "${A:-b}",
            "${A:-5}",
            "$$",
            "${",
            "${file:/nope}",
            "${file:a\0b}",
            "~no-such-user/x",
            "\0",
        ),
        *("http://p:1", "http://u:p@x:1", "socks5://x", "10.0.0.5:8443", "[::1", "a b", "\x1b[2J", "\u202e"),
        *("$.a", "$[", "(", "^x$", "GET", "post", "GET /", "smtp", "NOERROR", "majority", "both", "true"),
    ]
)


def documents(schema: Any, definitions: Any) -> st.SearchStrategy[Any]:
    """Values that ``schema`` admits; most of its texts mean something somewhere in a config."""
    if "$ref" in schema:
        return documents(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([documents(one, definitions) for one in schema["anyOf"]])
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return st.one_of([documents({**schema, "type": one}, definitions) for one in kind])
    return _MAKERS[kind](schema, definitions)


def _texts(schema: Any, _definitions: Any) -> st.SearchStrategy[Any]:
    return st.from_regex(schema["pattern"]) | TEXTS if "pattern" in schema else TEXTS


def _lists(schema: Any, definitions: Any) -> st.SearchStrategy[Any]:
    items = documents(schema.get("items", {}), definitions)
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=3)


def _tables(schema: Any, definitions: Any) -> st.SearchStrategy[Any]:
    known = {name: documents(one, definitions) for name, one in schema.get("properties", {}).items()}
    needed = {name: known.pop(name) for name in schema.get("required", ())}
    fixed = st.fixed_dictionaries(needed, optional=known)
    others = schema.get("additionalProperties")
    if not isinstance(others, dict):
        return fixed
    names = st.sampled_from(["$.a", "X-Y", "content-type"]) | TEXTS
    free = st.dictionaries(
        names, documents(others, definitions), min_size=schema.get("minProperties", 0), max_size=2
    )
    return st.tuples(free, fixed).map(lambda both: {**both[0], **both[1]})


_MAKERS = {
    "string": _texts,
    "integer": lambda *_: st.integers(-10, 2000) | st.integers(-(2**63), 2**63 - 1),
    "number": lambda *_: NUMBERS,
    "boolean": lambda *_: st.booleans(),
    "array": _lists,
    "object": _tables,
}
