"""A pasted curl command, such as browsers and API documents offer, as the texts of a form. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

_LONG = {
    "-H": "--header",
    "-X": "--request",
    "-d": "--data",
    "-u": "--user",
    "-A": "--user-agent",
    "-b": "--cookie",
    "-e": "--referer",
    "-x": "--proxy",
    "-m": "--max-time",
    "-o": "--output",
    "-w": "--write-out",
    "-k": "--insecure",
    "-I": "--head",
    "-F": "--form",
    "-T": "--upload-file",
    "-K": "--config",
}
_BODIES = ("--data", "--data-raw", "--data-ascii", "--data-binary", "--json")
_HEADERS = {"--user-agent": "User-Agent", "--cookie": "Cookie", "--referer": "Referer"}
_VALUED = {
    *_BODIES,
    *_HEADERS,
    *("--header", "--request", "--user", "--proxy", "--max-time", "--output", "--write-out", "--url"),
    *("--form", "--upload-file", "--config", "--connect-to", "--resolve", "--data-urlencode", "--cacert"),
    *("--cert", "--key", "--connect-timeout", "--retry"),
}
"""Options with a value."""
_OF_NO_MATTER = {
    *(
        "--output",
        "--write-out",
        "--location",
        "--silent",
        "--show-error",
        "--verbose",
        "--include",
        "--fail",
    ),
    *("--compressed", "--globoff", "--connect-timeout", "--retry", "-L", "-s", "-S", "-v", "-i", "-f", "-g"),
}
"""Options without effect on a check."""
_QUIET_FLAGS = "LsSvifgkI"
"""Letters of options without a value, which may share a dash."""


@dataclass(slots=True)
class CurlCommand:
    """``texts`` by the form's keys; ``left_out`` are the options that the form cannot express."""

    texts: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def parse(text: str) -> CurlCommand | None:
    """Parse a curl command, also over several lines; None if it is none, or names no URL."""
    try:
        words = shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "))
    except ValueError:  # a quote is missing
        return None
    if not words or words[0] != "curl":
        return None
    command, headers = CurlCommand(), dict[str, str]()
    for option, value in _options(words[1:]):
        if not _take(option, value, command.texts, headers) and option not in _OF_NO_MATTER:
            command.left_out.append(option)
    if headers:
        pairs = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items())
        command.texts["headers"] = f"{{ {pairs} }}"
    return command if command.texts.get("url") else None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option by its long name with its value; the URL as ``--url``."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            yield "--url", word
        elif word.startswith("--"):
            name, assigned, value = word.partition("=")
            yield name, value if assigned or name not in _VALUED else next(rest, "")
        elif _LONG.get(word[:2]) in _VALUED:
            yield _LONG[word[:2]], word[2:] or next(rest, "")
        elif set(word[1:]) <= set(_QUIET_FLAGS):
            yield from ((_LONG.get(f"-{letter}", f"-{letter}"), "") for letter in word[1:])
        else:
            yield word, ""


def _take(option: str, value: str, texts: dict[str, str], headers: dict[str, str]) -> bool:
    """Apply an option. Return whether the form can express it."""
    match option:
        case "--url":
            texts["url"] = value if "://" in value else f"http://{value}"
        case "--request":
            texts["method"] = value.upper()
        case "--head":
            texts["method"] = "HEAD"
        case "--header":
            name, _, content = value.partition(":")
            headers[name.strip()] = content.strip()
        case "--user":
            name, _, password = value.partition(":")
            texts["auth"] = f"{{ basic = [{json.dumps(name)}, {json.dumps(password)}] }}"
        case "--proxy":
            texts["proxy"] = value if "://" in value else f"http://{value}"
        case "--max-time":
            texts["timeout"] = f"{value}s"
        case "--insecure":
            texts["tls"] = "{ verify = false }"
        case _ if option in _HEADERS:
            headers[_HEADERS[option]] = value
        case _ if option in _BODIES and not value.startswith("@") and value.isprintable():
            texts["body"] = f"{texts['body']}&{value}" if "body" in texts else value
            texts.setdefault("method", "POST")
            usual = "application/json" if option == "--json" else "application/x-www-form-urlencoded"
            headers.setdefault("Content-Type", usual)
        case _:
            return False
    return True
