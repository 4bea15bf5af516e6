"""Whatever a file holds, the result is a valid config or a clear error, within bounds."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.cli import main
from monitor.config import load
from monitor.errors import UsageError
from monitor.importers import IMPORTERS, imported

YAML_TOOLS = ("gatus", "blackbox", "prometheus")

WORDS = {
    "gatus": """
        endpoints suites external-endpoints alerting maintenance connectivity web name group url
        method body headers conditions alerts interval dns ssh client query-name query-type type
        slack email webhook-url default-alert failure-threshold maintenance-windows start duration
        every timezone token heartbeat timeout oauth2 insecure tls store always-run extra-labels
        graphql enabled overrides
    """.split(),  # noqa: SIM905 -- a list of words is easier to read so
    "uptime-kuma": """
        monitorList notificationList proxyList maintenanceList id name type url hostname port
        interval maxretries accepted_statuscodes headers body authMethod keyword jsonPath
        expectedValue parent tags active notificationIDList config strategy timeRange dateRange
        weekdays conditions proxyId rabbitmqNodes
    """.split(),  # noqa: SIM905 -- a list of words is easier to read so
    "blackbox": """
        modules prober http tcp dns icmp grpc websocket timeout headers http_headers values secrets
        valid_status_codes query_response send expect starttls tls tls_config basic_auth
        authorization query_name fail_if_header_matches header regexp
        fail_if_body_not_matches_regexp valid_rcodes m
    """.split(),  # noqa: SIM905 -- a list of words is easier to read so
    "prometheus": """
        global scrape_configs job_name params module static_configs targets labels relabel_configs
        source_labels target_label replacement regex action separator file_sd_configs files
        scrape_interval
    """.split(),  # noqa: SIM905 -- a list of words is easier to read so
    "urls": """
        log entries request response method url headers name value status postData text
    """.split(),  # noqa: SIM905 -- a list of words is easier to read so
}
TEXTS = [
    *(
        "http",
        "https://a.example/?token=s3cr3t",
        "tcp://db:5432",
        "30s",
        "GET",
        "true",
        "0",
        "-1",
        "1e999",
        "",
    ),
    *(
        "[STATUS] == 200",
        "[BODY].a[0] == any(1, 2)",
        "len([BODY].a) > 3",
        "has([BODY].b) == false",
        "[BODY] == x",
    ),
    *(
        "[BODY][",
        "[STATUS] < 0",
        "${HOME}",
        "$$",
        "${",
        "\ud800",
        "\x00\x1b[2J",
        "\ue000X\ue001",
        "23:00",
        "Monday",
    ),
    *(
        "push",
        "keyword",
        "json-query",
        "dns",
        "slack",
        "(((",
        "(a+)+$",
        "$1",
        "__param_target",
        "__address__",
        "labelmap",
    ),
    *(
        '["200-299"]',
        "[1, 2]",
        "{}",
        "nan",
        "9" * 400,
        "::1",
        "[::1",
        "http://[",
        "icmp",
        "\u202e",
        "a\nb",
        "ä" * 50,
    ),
]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(TEXTS) | st.text(max_size=20)
)


def documents(tool: str) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(WORDS[tool]) | st.text(max_size=5)

    def extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6)

    return st.recursive(scalars, extend, max_leaves=40)


ROOTS = {
    "gatus": {"endpoints": [{"url": "http://a", "conditions": []}]},
    "uptime-kuma": {"monitorList": [{"id": 1, "type": "http", "url": "http://a"}]},
    "blackbox": {"modules": {"m": {"prober": "http"}}},
    "prometheus": {"scrape_configs": [{"job_name": "j", "params": {"module": ["m"]}}]},
    "urls": {"log": {"entries": [{"request": {"url": "http://a"}}]}},
}


def is_valid_or_refused(tool: str, file: Path) -> None:
    try:
        made = imported(tool, file)
    except UsageError:
        return
    made.text.encode()
    out = file.parent / "out.toml"
    stood_in = made.text
    for name in made.needed:
        stood_in = stood_in.replace(f"${{{name}}}", f"${{{name}:-1}}")
    out.write_text(stood_in, encoding="utf-8")
    load(out)


@pytest.mark.parametrize("tool", IMPORTERS)
def test_any_document_gives_a_valid_config_or_a_clear_error(
    tool: str, tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(documents(tool), documents(tool))
    def check(first: Any, second: Any):
        root = json.loads(json.dumps(ROOTS[tool]))
        for part in json.loads(json.dumps([first, second])):
            if isinstance(part, dict):
                root |= part
                inner = json.loads(json.dumps(next(iter(root.values()))))
                root[next(iter(root))] = inner
                if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                    inner[0].update(part)
                elif isinstance(inner, dict):
                    next((one for one in inner.values() if isinstance(one, dict)), {}).update(part)
        file = folder / "in.json"  # which is YAML as well
        file.write_text(json.dumps(root))
        is_valid_or_refused(tool, file)

    check()


@pytest.mark.parametrize("tool", IMPORTERS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_give_a_valid_config_or_a_clear_error(
    tool: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
):
    file = tmp_path_factory.mktemp("bytes") / "in"
    file.write_bytes(data)
    is_valid_or_refused(tool, file)


def laughs(levels: int = 12) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join([*lines, f"endpoints: *a{levels - 1}", ""])


def merged_laughs(levels: int = 12) -> str:
    lines = ["m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 10)}]\n  k{n}: v" for n in range(1, levels)]
    return "\n".join([*lines, f"endpoints: [*m{levels - 1}]", ""])


HOSTILE = {
    "aliases that expand to a billion": (laughs(), "holds more than"),
    "an alias of what it stands in": ("endpoints: &a [*a]\n", "stands before or within"),
    "a thousand levels": ("endpoints: " + "[" * 1000 + "]" * 1000, "nest"),
    "a hundred thousand levels": ("[" * 100_000, "nest"),
    "a Python object": ("!!python/object/apply:os.system [ls]\n", "is not a table"),
    "a key that is a list": ("? [a]\n: b\n", "as a key"),
    "a key twice": ("endpoints: []\nendpoints: []\n", "there twice"),
    "two documents": ("a: 1\n---\nb: 2\n", "several documents"),
    "an unknown alias": ("endpoints: *nobody\n", "nobody"),
    "a tab": ("endpoints:\n\t- a\n", "not YAML"),
    "a control character": ("a: \x01\n", "not YAML"),
    "nothing": ("", "is empty"),
    "a list": ("[1, 2]", "is not a table"),
    "another tool's": ("a: 1\n", "is it a config of"),
}


@pytest.mark.parametrize(("text", "complaint"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("tool", YAML_TOOLS)
def test_a_yaml_file_that_is_hostile_or_wrong_is_refused(
    tool: str, text: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "in.yaml"
    file.write_text(text)
    assert main(["import", tool, str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    expected = complaint if complaint != "is it a config of" or tool != "blackbox" else "has no modules"
    assert expected in said.err
    assert "Traceback" not in said.err


def test_merge_keys_do_not_multiply(tmp_path: Path):
    file = tmp_path / "in.yaml"
    file.write_text(merged_laughs())
    is_valid_or_refused("gatus", file)


@pytest.mark.parametrize("tool", IMPORTERS)
def test_a_file_of_a_hundred_megabytes_is_refused(
    tool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "huge"
    with file.open("wb") as out:
        out.truncate(100 << 20)
    assert main(["import", tool, str(file)]) == 2
    assert "is larger than" in capsys.readouterr().err


@pytest.mark.parametrize("tool", IMPORTERS)
@pytest.mark.parametrize("kind", ["missing", "folder", "compressed"])
def test_what_cannot_be_read_is_named(
    tool: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / kind
    if kind == "folder":
        file.mkdir()
    elif kind == "compressed":
        file.write_bytes(b"\x1f\x8b\x08\x00")
    assert main(["import", tool, str(file)]) == 2
    assert str(file) in capsys.readouterr().err


STREAMS = {
    "gatus": json.dumps({"endpoints": [{"name": "a", "url": "icmp://a.example"}]}),
    "uptime-kuma": json.dumps(
        {"monitorList": [{"id": 1, "name": "a", "type": "ping", "hostname": "a.example"}]}
    ),
    "blackbox": json.dumps({"modules": {"a": {"prober": "icmp"}}}),
    "prometheus": json.dumps(
        {
            "scrape_configs": [
                {
                    "job_name": "j",
                    "params": {"module": ["icmp"]},
                    "static_configs": [{"targets": ["a.example"]}],
                }
            ]
        }
    ),
    "urls": "icmp://a.example\n",
}


@pytest.mark.parametrize("tool", IMPORTERS)
def test_standard_input_is_read(
    tool: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STREAMS[tool].encode())))
    assert main(["import", tool, "-"]) == 0
    assert 'url = "icmp://' in capsys.readouterr().out


@pytest.mark.parametrize("tool", IMPORTERS)
def test_a_pipe_is_read_once(tool: str, tmp_path: Path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(STREAMS[tool],))
    writer.start()
    assert 'url = "icmp://' in imported(tool, pipe).text
    writer.join()


ENCODINGS = {
    "UTF-8 with a mark": "utf-8-sig",
    "UTF-16": "utf-16",
    "UTF-16 with big ends first": "utf-16-be",
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("tool", IMPORTERS)
def test_lines_of_windows_in_any_unicode_are_read(tool: str, encoding: str, tmp_path: Path):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    file = tmp_path / "given"
    file.write_bytes((mark + STREAMS[tool].replace("\n", "\r\n").replace(", ", ",\r\n")).encode(encoding))
    assert 'url = "icmp://' in imported(tool, file).text


@pytest.mark.parametrize("tool", IMPORTERS)
def test_another_encoding_is_refused(tool: str, tmp_path: Path):
    file = tmp_path / "given"
    file.write_bytes(STREAMS[tool].replace("a.example", "ä.example").encode("latin-1"))
    if tool == "blackbox":
        file.write_bytes('{"modules": {"ä": {"prober": "icmp"}}}'.encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        imported(tool, file)


XML = {
    "entities": (
        '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><urlset>&c;</urlset>',
        "declares entities",
    ),
    "an outer entity": (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset>&a;</urlset>',
        "declares",
    ),
    "depth": ("<a>" * 100_000, "nested too deep"),
    "an end that is missing": ("<urlset>", "not XML"),
    "another root": ("<html/>", "neither a sitemap nor OPML"),
    "an unknown encoding": ('<?xml version="1.0" encoding="klingon"?><urlset/>', "not XML"),
    "an index": ("<sitemapindex><sitemap><loc>https://a/b.xml</loc></sitemap></sitemapindex>", "index of 1"),
}


@pytest.mark.parametrize(("text", "complaint"), XML.values(), ids=XML)
def test_xml_that_is_hostile_or_wrong_is_refused(text: str, complaint: str, tmp_path: Path):
    file = tmp_path / "in.xml"
    file.write_text(text)
    with pytest.raises(UsageError, match=complaint):
        imported("urls", file)


def database(file: Path, script: str) -> Path:
    with closing(sqlite3.connect(file)) as made:
        made.executescript(script)
    return file


DATABASES = {
    "no monitors": ("CREATE TABLE other (a);", "no table of monitors"),
    "too many": (
        """CREATE TABLE monitor (id);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000)
        INSERT INTO monitor SELECT i FROM n;""",
        "more than 50,000 rows",
    ),
}


@pytest.mark.parametrize(("script", "complaint"), DATABASES.values(), ids=DATABASES)
def test_a_database_that_is_wrong_is_refused(script: str, complaint: str, tmp_path: Path):
    with pytest.raises(UsageError, match=complaint):
        imported("uptime-kuma", database(tmp_path / "kuma.db", script))


def test_a_view_that_never_ends_is_not_asked(tmp_path: Path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n"
    file = database(tmp_path / "kuma.db", f"CREATE TABLE monitor (id); CREATE VIEW proxy AS {endless};")
    with pytest.raises(UsageError, match="lacks a monitor"):
        imported("uptime-kuma", file)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(st.tuples(st.integers(0, 8191), st.integers(0, 255)), min_size=1, max_size=60))
def test_a_corrupt_database_is_refused_or_read(
    changes: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("corrupt")
    file = database(
        folder / "kuma.db",
        "CREATE TABLE monitor (id, name, type, url); INSERT INTO monitor VALUES (1, 'a', 'http', 'https://a.example');",
    )
    data = bytearray(file.read_bytes())
    for at, byte in changes:
        if at >= 16:
            data[at % len(data)] = byte
    file.write_bytes(data)
    is_valid_or_refused("uptime-kuma", file)


DUMP = """-- MariaDB dump 10.19
CREATE TABLE `monitor` (
  `id` int,
  `url` text
);
INSERT INTO `monitor` VALUES"""
DUMPS = {
    "another database": ("-- MariaDB dump\nCREATE TABLE `shop` (\n  `id` int\n);\n", "no table of monitors"),
    "a row that is too short": (f"{DUMP} (1);", "does not fit its columns"),
    "an end within a row": (f"{DUMP} (1,'a", "ends within a row"),
    "an end within the values": (f"{DUMP} (1,'a')", "ends within a row"),
    "a text without an end": (f"{DUMP} (1,'" + "a\\\\" * 100_000, "ends within a row"),
    "too many rows": (DUMP + " " + ",".join(["(1,NULL)"] * 50_001) + ";", "more than 50,000 rows"),
    "a number that is none": (f"{DUMP} ({'9' * 5000},'');", ""),
}


@pytest.mark.parametrize(("text", "complaint"), DUMPS.values(), ids=DUMPS)
def test_a_dump_that_is_wrong_is_refused(text: str, complaint: str, tmp_path: Path):
    file = tmp_path / "kuma.sql"
    file.write_text(text)
    if complaint:
        with pytest.raises(UsageError, match=complaint):
            imported("uptime-kuma", file)
    else:
        is_valid_or_refused("uptime-kuma", file)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(rest=st.text(alphabet="()',;\\`1aNUL \n", max_size=60))
def test_any_values_of_a_dump_give_a_valid_config_or_a_clear_error(
    rest: str, tmp_path_factory: pytest.TempPathFactory
):
    file = tmp_path_factory.mktemp("dump") / "kuma.sql"
    file.write_text(f"{DUMP} {rest}")
    is_valid_or_refused("uptime-kuma", file)
