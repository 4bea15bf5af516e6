"""Prometheus's jobs: a target that goes through blackbox_exporter is an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError

FULL = Path(__file__).parent / "files" / "prometheus.yml"
Convert = Callable[..., Any]


def test_targets_of_files_and_of_the_config_are_endpoints(convert: Convert):
    endpoints = convert("prometheus", FULL).endpoints
    assert {name: one["url"] for name, one in endpoints.items() if one["group"] == "pages"} == {
        "https://a.example/": "https://a.example/?token=${HTTPS_A_EXAMPLE_TOKEN}",
        "b.example": "http://b.example",
        "c.example": "http://c.example",
    }


def test_intervals_are_the_jobs_or_the_servers(convert: Convert):
    intervals = {one.group: one.interval for one in convert("prometheus", FULL).config().endpoints}
    assert intervals == {"pages": 30, "echo": 15, "mixed": 15}


def test_a_timeout_is_the_smaller_one_of_module_and_job(convert: Convert):
    config = convert("prometheus", FULL).config()
    assert {one.group: one.timeout for one in config.endpoints} == {"pages": 2.5, "echo": 9.5, "mixed": 9.5}


def test_labels_become_tags(convert: Convert):
    tags = {one.name: one.tags for one in convert("prometheus", FULL).config().endpoints}
    assert tags["b.example"] == ("team:web",)
    assert tags["c.example"] == ("team:ops",)


def test_relabelling_makes_module_target_and_host_name(convert: Convert):
    mixed = convert("prometheus", FULL).endpoints["https://c.example/"]
    assert mixed["url"] == "https://c.example/"
    assert mixed["headers"]["Host"] == "c.example"
    assert mixed["tls"]["server_name"] == "c.example"


NOT_CARRIED = (
    "job node: scrapes metrics",
    "mixed: relabel_configs: they drop drop=e.example",
    "module missing: was not found",
    "pages: kubernetes_sd_configs: has no counterpart",
    "pages: honor_labels:",
    "rule_files:",
    "alerting:",
    "remote_write:",
    "global.external_labels:",
)


@pytest.mark.parametrize("note", NOT_CARRIED)
def test_what_has_no_counterpart_is_noted(note: str, convert: Convert):
    assert note in convert("prometheus", FULL).said


@pytest.mark.parametrize(
    "key", ["evaluation_interval", "scrape_protocols", "query_log_file", "sample_limit", "a_new_one"]
)
def test_a_setting_for_every_job_is_noted(key: str, convert: Convert):
    job = {"job_name": "j", "params": {"module": ["m"]}, "static_configs": [{"targets": ["a.example"]}]}
    given = {"global": {key: "5m"}, "scrape_configs": [job]}
    assert f"global.{key}: is about Prometheus itself" in convert("prometheus", given).said


PATHS = {"/probe": True, "/blackbox/probe": True, None: True, "/snmp": False, "/metrics": False}


@pytest.mark.parametrize(("path", "is_check"), PATHS.items(), ids=map(str, PATHS))
def test_modules_of_another_exporter_are_no_checks(path: str | None, is_check: bool, convert: Convert):
    job = {"params": {"module": ["m"]}, "static_configs": [{"targets": ["a.example"]}]}
    jobs = [{"job_name": "one", **job, "metrics_path": path}, {"job_name": "other", **job}]
    result = convert("prometheus", {"scrape_configs": jobs})
    assert len(result.endpoints) == (2 if is_check else 1)
    assert (f"job one: scrapes {path}" in result.said) is not is_check


LEFT = {
    "nothing": ([], "has no targets in files or in the config itself"),
    "a rule that drops": (
        [{"action": "drop", "source_labels": ["__address__"], "regex": "a.*"}],
        "relabelling leaves none of its 1 targets (relabel_configs: they drop a.example)",
    ),
    "a rule that is not known": (
        [{"action": "hashmod", "source_labels": ["__address__"], "modulus": 2}],
        "the action 'hashmod' is not carried out here",
    ),
}


@pytest.mark.parametrize(("rules", "why"), LEFT.values(), ids=LEFT)
def test_a_job_without_endpoints_says_why(rules: list[Any], why: str, convert: Convert):
    job = {"params": {"module": ["m"]}, "static_configs": [{"targets": ["a.example"]}]}
    first = {"job_name": "empty", **job, "relabel_configs": rules}
    if not rules:
        first["static_configs"] = []
    said = convert("prometheus", {"scrape_configs": [first, {"job_name": "other", **job}]}).said
    assert "job empty: " in said
    assert why in said


def test_modules_may_be_named(convert: Convert, tmp_path: Path):
    modules = tmp_path / "elsewhere.yml"
    modules.write_text("modules: {m: {prober: icmp}}")
    job = {"job_name": "j", "params": {"module": ["m"]}, "static_configs": [{"targets": ["a.example"]}]}
    assert convert("prometheus", {"scrape_configs": [job]}, modules).only()["url"] == "icmp://a.example"


def test_without_modules_the_kind_is_a_guess(convert: Convert):
    job = {"job_name": "j", "params": {"module": ["icmp_v4"]}, "static_configs": [{"targets": ["a.example"]}]}
    result = convert("prometheus", {"scrape_configs": [job]})
    assert result.only()["url"] == "icmp://a.example"
    assert "--modules" in result.said
    assert "a guess from its name" in result.said


def test_modules_that_are_not_there_are_named(convert: Convert, tmp_path: Path):
    with pytest.raises(UsageError, match=r"none\.yml cannot be read"):
        convert("prometheus", {"scrape_configs": []}, tmp_path / "none.yml")
