"""Prometheus's scrape config: the jobs that go through blackbox_exporter, with its modules."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UsageError
from monitor.importers._blackbox_modules import read_modules, take_host_name, take_module
from monitor.importers._draft import Block, Draft
from monitor.importers._fields import Fields
from monitor.importers._read import Table, as_table, read_json, read_yaml
from monitor.importers._relabel import RelabelError, relabel
from monitor.syntax.duration import format_duration

HELP = "Prometheus's prometheus.yml, with blackbox_exporter's config beside it or in --modules"
WANTED = (
    "a job with params.module, or a relabelling to __param_target, that has targets"
    " in static_configs or in the files of file_sd_configs"
)

_BESIDE = (
    "blackbox.yml",
    "blackbox.yaml",
    "blackbox_exporter.yml",
    "blackbox/blackbox.yml",
    "blackbox/config.yml",
)
_MOST_FILES = 200
_MOST_TARGETS = 50_000
_INTERVAL, _TIMEOUT = 60.0, 10.0
_PROBE = "/probe"
"""The end of blackbox_exporter's path; snmp_exporter has modules too, at /snmp."""
_MARGIN = 0.5
"""Seconds that blackbox_exporter subtracts from Prometheus's timeout."""
_WHOLE = {
    "rule_files": "alerting rules are not read; [[alerts]] and down_after take their place",
    "alerting": "[[alerts]] says where messages go",
    "remote_write": "results are kept here, and shown at /metrics",
    "remote_read": "results are kept here",
    "storage": "[monitor] history and retention say what is kept",
    "tracing": "is about Prometheus itself",
    "scrape_config_files": "import each of those files by itself",
    "otlp": "is about Prometheus itself",
}
_OF_SCRAPING = (
    "honor_labels",
    "honor_timestamps",
    "scheme",
    "basic_auth",
    "authorization",
    "tls_config",
    "metric_relabel_configs",
)


@dataclass
class _Import:
    """One import: its files, and the settings for every job."""

    file: Path
    draft: Draft
    modules: Table
    modules_folder: Path
    interval: float
    timeout: float


def convert(file: Path, draft: Draft, modules: Path | None) -> None:
    """Fill ``draft`` with an endpoint for each target of each job."""
    table = as_table(read_yaml(file), file, "a table of settings, as Prometheus has it")
    config = Fields(table, draft.top.note)
    if not config.has("scrape_configs"):
        raise UsageError(f"{file} has no scrape_configs; is it a config of Prometheus?")
    general = config.below("global")
    general.lose("labels of the whole server belong to Prometheus", "external_labels")
    own = general.all.keys() - {"scrape_interval", "scrape_timeout", "external_labels"}
    general.lose("is about Prometheus itself", *sorted(own))
    beside = _beside(file, modules)
    work = _Import(
        file,
        draft,
        read_modules(beside) if beside else Table(),
        beside.parent if beside else file.parent,
        general.seconds("scrape_interval") or _INTERVAL,
        general.seconds("scrape_timeout") or _TIMEOUT,
    )
    if beside is None:
        draft.top.note(
            "modules", "no blackbox.yml beside the file; name it with --modules for what they check"
        )
    for job in config.tables("scrape_configs"):
        _job(job, work)
    for key, reason in _WHOLE.items():
        config.lose(reason, key)
    config.leftovers()


def _beside(file: Path, modules: Path | None) -> Path | None:
    if modules is not None:
        return modules
    return next((path for name in _BESIDE if (path := file.parent / name).is_file()), None)


def _job(job: Fields, work: _Import) -> None:
    name = job.text("job_name", "unnamed")
    rules = job.tables("relabel_configs")
    module = "".join(job.below("params").texts("module")[:1])
    if not module and not any(rule.text("target_label").startswith("__param_") for rule in rules):
        work.draft.top.note(f"job {name}", "scrapes metrics, which is no check of an endpoint")
        return
    if not (path := job.text("metrics_path", _PROBE)).endswith(_PROBE):
        work.draft.top.note(f"job {name}", f"scrapes {path}; blackbox_exporter is asked at {_PROBE}")
        return
    group = Block("groups", name=name, line=job.line)
    own = Fields(job.all, group.note)
    before, count = len(work.draft.endpoints), 0
    for count, labels in enumerate(_targets(own, work, group), 1):  # noqa: B007 -- the last one counts
        _target(labels, name, module, rules, own, work)
    if len(work.draft.endpoints) == before:
        work.draft.top.note(f"job {name}", _why_empty(count, group))
    own.skip("job_name", "params", "relabel_configs", "metrics_path", "scrape_interval", "scrape_timeout")
    own.lose("is about scraping blackbox_exporter, which is not asked any more", *_OF_SCRAPING)
    own.leftovers()
    if group.notes:
        work.draft.groups.append(group)


def _why_empty(count: int, group: Block) -> str:
    """Why a job has no endpoints."""
    if not count:
        return "has no targets in files or in the config itself"
    return f"relabelling leaves none of its {count:,} targets ({'; '.join(group.notes[:2])})"


# ── targets ─────────────────────────────────────────────────────────────────────────────────────


def _targets(job: Fields, work: _Import, group: Block) -> Iterator[dict[str, str]]:
    """The labels of every target, before relabelling."""
    yield from _static(job.tables("static_configs"))
    for discovery in job.tables("file_sd_configs"):
        discovery.skip("refresh_interval")
        for pattern in discovery.texts("files"):
            for found in _files(work.file.parent / pattern, group):
                yield from _static(_listed(found, group))


def _static(configs: list[Fields]) -> Iterator[dict[str, str]]:
    for config in configs:
        labels = config.pairs("labels")
        for target in config.texts("targets"):
            yield {"__address__": target, **labels}
        config.leftovers()


def _files(pattern: Path, group: Block) -> list[Path]:
    found = sorted(Path(name) for name in glob.glob(str(pattern)))  # noqa: PTH207 -- the pattern may be absolute
    if not found:
        group.note("file_sd_configs", f"no file fits {pattern.name}")
    if len(found) > _MOST_FILES:
        raise UsageError(f"{len(found)} files fit {pattern}; at most {_MOST_FILES} are read")
    return found


def _listed(file: Path, group: Block) -> list[Fields]:
    document = read_json(file) if file.suffix == ".json" else read_yaml(file)
    return Fields({file.name: document}, group.note).tables(file.name)


def _target(
    labels: dict[str, str], job: str, module: str, rules: list[Fields], own: Fields, work: _Import
) -> None:
    if len(work.draft.endpoints) >= _MOST_TARGETS:
        raise UsageError(f"{work.file} has more than {_MOST_TARGETS:,} targets")
    given = {"job": job, "__param_module": module, **_parameters(own), **labels}
    try:
        final = relabel(given, rules)
    except RelabelError as error:
        own.note("relabel_configs", f"{_name(labels['__address__'])}: {error}")
        return
    if final is None:
        own.note("relabel_configs", f"they drop {_name(labels['__address__'])}")
        return
    target = final.get("__param_target") or labels["__address__"]
    block = work.draft.endpoint(_name(final.get("instance") or target), own.line)
    block.keys["group"] = final.get("job") or job
    _check(block, final, target, work)
    _times(block, own, work)
    tags = [f"{name}:{value}" for name, value in final.items() if _is_tag(name)]
    if tags:
        block.keys["tags"] = tags


def _name(target: str) -> str:
    """A target as a name, without parts that may be secret."""
    scheme, slashes, rest = target.partition("://")
    return f"{scheme}{slashes}{re.split('[?#]', rest)[0].rpartition('@')[2]}" if slashes else target


def _parameters(job: Fields) -> dict[str, str]:
    params = job.below("params")
    return {f"__param_{name}": values[0] for name in params.all if (values := params.texts(name))}


def _is_tag(name: str) -> bool:
    return not name.startswith("__") and name not in ("job", "instance")


def _check(block: Block, labels: dict[str, str], target: str, work: _Import) -> None:
    """Set the URL, and the settings of its module."""
    name = labels.get("__param_module", "")
    module = work.modules.get(name)
    if isinstance(module, Table):
        take_module(Fields(module, block.note), target, block, work.draft.secrets, work.modules_folder)
    else:
        block.keys["url"] = _guessed(name, target)
        block.note(f"module {name}", "was not found; the kind of check is a guess from its name")
    block.keys["url"] = work.draft.secrets.in_url(str(block.keys["url"]), block.title)
    take_host_name(labels.get("__param_hostname", ""), block)


def _guessed(module: str, target: str) -> str:
    if "://" in target:
        return target
    known = ("icmp", "tcp", "dns", "grpc", "tls", "ssh")
    scheme = next((name for name in known if name in module.lower()), "http")
    return f"dns://example.com?server={target}" if scheme == "dns" else f"{scheme}://{target}"


def _times(block: Block, job: Fields, work: _Import) -> None:
    interval = job.seconds("scrape_interval") or work.interval
    limit = max((job.seconds("scrape_timeout") or work.timeout) - _MARGIN, _MARGIN)
    own = Fields(block.keys, block.note).seconds("timeout")
    block.keys["interval"] = format_duration(interval)
    block.keys["timeout"] = format_duration(min(own or limit, limit))
