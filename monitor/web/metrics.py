"""`/metrics`: every endpoint and the engine itself, for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics

from monitor.link.figures import Counted
from monitor.link.messages import EndpointInfo, EndpointStatus, EngineStats
from monitor.link.picture import Picture
from monitor.model import LocationResult, State, Status

_OPENMETRICS_TYPE = "application/openmetrics-text"
_OPENMETRICS = f"{_OPENMETRICS_TYPE}; version=1.0.0; charset=utf-8"
_TEXT_TYPES = frozenset({"text/plain", "text/*"})
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_LABELS = ("endpoint", "name", "group", "type")
_PASSED = frozenset({Status.UP, Status.DEGRADED})


class Collected:
    """One exposition, in the shape of a prometheus-client registry."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        """Every metric family."""
        return self._metrics


def render(picture: Picture, counts: Iterable[Counted], accept: str) -> tuple[bytes, str]:
    """The body and its content type, in the format that ``accept`` prefers."""
    counted = {one.handle: one for one in counts}
    statuses = [(info, status, counted.get(info.handle)) for info, status in picture.endpoints()]
    metrics = [*_of_endpoints(statuses), *_of_engine(picture.stats, picture.version)]
    if prefers_openmetrics(accept):
        return openmetrics.generate_latest(Collected(metrics)), _OPENMETRICS  # type: ignore[no-untyped-call]
    return exposition.generate_latest(Collected(metrics)), _TEXT


def prefers_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics is asked for, and no less wanted than the text format; as in RFC 9110, 12.5.1."""
    wanted = [_wanted(part) for part in accept.lower().split(",")]
    weight = max((one.weight for one in wanted if one.type == _OPENMETRICS_TYPE), default=0.0)
    others = max((one.weight for one in wanted if one.type in _TEXT_TYPES), default=0.0)
    return weight > 0 and weight >= others


class _Wanted(NamedTuple):
    """One media type of an Accept header."""

    type: str
    weight: float
    """0 to 1; 0 if the type is not acceptable, or its version is not 1.0.0."""


def _wanted(part: str) -> _Wanted:
    type, *parameters = (one.strip() for one in part.split(";"))
    values = dict(one.replace(" ", "").partition("=")[::2] for one in parameters)
    if type == _OPENMETRICS_TYPE and values.get("version", "1.0.0").strip('"') != "1.0.0":
        return _Wanted(type, 0.0)
    weight = values.get("q", "1")
    return _Wanted(type, float(weight) if _WEIGHT.fullmatch(weight) else 0.0)


_Rows = Sequence[tuple[EndpointInfo, EndpointStatus, Counted | None]]


def _labels(info: EndpointInfo) -> list[str]:
    return [info.id, info.name, info.group, info.kind]


class _Probe(NamedTuple):
    """One endpoint's last check, from one location of a cluster if there is one."""

    labels: list[str]
    status: Status | None
    latency_ms: float | None
    phases_ms: Mapping[str, float]
    http_status: int | None


def _probes(statuses: _Rows, *, located: bool) -> Iterator[_Probe]:
    for info, status, counted in statuses:
        for one in status.locations:
            yield _Probe([*_labels(info), one.location], *_measured(one))
        if counted and not status.locations:
            yield _Probe([*_labels(info), *([""] if located else [])], *_measured(counted))


def _measured(
    one: LocationResult | Counted,
) -> tuple[Status | None, float | None, Mapping[str, float], int | None]:
    return one.status, one.latency_ms, one.phases_ms, one.http_status


def _of_endpoints(statuses: _Rows) -> Iterator[Metric]:
    located = any(status.locations for _info, status, _counted in statuses)
    labels = ("location",) if located else ()
    probes = list(_probes(statuses, located=located))
    yield _success(probes, labels)
    yield _durations(probes, labels)
    yield _phases(probes, labels)
    yield _http_statuses(probes, labels)
    yield _expiries(statuses)
    yield _states(statuses)
    yield _checks(statuses)
    yield _incidents(statuses)


def _gauge(name: str, help: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, labels=[*_LABELS, *more])


def _counter(name: str, help: str, *more: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, help, labels=[*_LABELS, *more])


def _success(probes: Iterable[_Probe], labels: Sequence[str]) -> Metric:
    metric = _gauge("monitor_probe_success", "Whether the last check passed.", *labels)
    for probe in probes:
        if probe.status not in (None, Status.INCONCLUSIVE):
            metric.add_metric(probe.labels, float(probe.status in _PASSED))
    return metric


def _durations(probes: Iterable[_Probe], labels: Sequence[str]) -> Metric:
    metric = _gauge("monitor_probe_duration_seconds", "How long the last check took.", *labels)
    for probe in probes:
        if probe.latency_ms is not None:
            metric.add_metric(probe.labels, probe.latency_ms / 1000)
    return metric


def _phases(probes: Iterable[_Probe], labels: Sequence[str]) -> Metric:
    help = "How long each phase of it took."
    metric = _gauge("monitor_probe_phase_duration_seconds", help, *labels, "phase")
    for probe in probes:
        for phase, ms in probe.phases_ms.items():
            metric.add_metric([*probe.labels, phase], ms / 1000)
    return metric


def _http_statuses(probes: Iterable[_Probe], labels: Sequence[str]) -> Metric:
    metric = _gauge("monitor_probe_http_status_code", "The last HTTP status.", *labels)
    for probe in probes:
        if probe.http_status is not None:
            metric.add_metric(probe.labels, probe.http_status)
    return metric


def _expiries(statuses: _Rows) -> Metric:
    help = "When the certificate path that counts ends, in seconds since the epoch."
    metric = _gauge("monitor_certificate_expiry_timestamp_seconds", help)
    for info, status, _counted in statuses:
        if status.not_after is not None:
            metric.add_metric(_labels(info), status.not_after)
    return metric


def _states(statuses: _Rows) -> Metric:
    metric = _gauge("monitor_endpoint_state", "1 for the present state, 0 for the others.", "state")
    for info, status, _counted in statuses:
        for state in State:
            metric.add_metric([*_labels(info), state.value], float(status.state is state))
    return metric


def _checks(statuses: _Rows) -> Metric:
    metric = _counter("monitor_endpoint_checks", "Checks by their verdict.", "status")
    for info, _row, counted in statuses:
        for status in Status:
            metric.add_metric([*_labels(info), status.value], counted.checks.get(status, 0) if counted else 0)
    return metric


def _incidents(statuses: _Rows) -> Metric:
    metric = _counter("monitor_endpoint_incidents", "Incidents that were opened.")
    for info, _row, counted in statuses:
        metric.add_metric(_labels(info), counted.incidents if counted else 0)
    return metric


def _of_engine(stats: EngineStats, version: str) -> Iterator[Metric]:
    late = "How late checks started after they were due, over the last minute (99th percentile)."
    yield GaugeMetricFamily("monitor_check_lateness_seconds", late, stats.lateness_p99_ms / 1000)
    yield GaugeMetricFamily("monitor_checks_in_flight", "Checks under way.", stats.in_flight)
    yield GaugeMetricFamily("monitor_history_bytes", "The history on disk.", stats.history_bytes)
    behind = "Seconds since the oldest event that is not written yet."
    yield GaugeMetricFamily("monitor_history_behind_seconds", behind, stats.history_behind_s)
    sent = CounterMetricFamily(
        "monitor_alerts_sent", "Deliveries of messages, by result.", labels=["alert", "result"]
    )
    for one in stats.alerts_sent:
        sent.add_metric([one.alert, one.result], one.count)
    yield sent
    build = GaugeMetricFamily("monitor_build_info", "The version that runs.", labels=["version"])
    build.add_metric([version], 1)
    yield build
