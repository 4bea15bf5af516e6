"""`/metrics`: every endpoint and the engine itself, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from monitor.link.figures import Counted
from monitor.link.messages import EndpointInfo, EndpointStatus, EngineStats
from monitor.link.picture import Picture
from monitor.model import State, Status

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
    """The body and its content type, in the format that ``accept`` prefers.."""
    encode, content_type = choose_encoder(accept)
    counted = {one.handle: one for one in counts}
    statuses = [(info, status, counted.get(info.handle)) for info, status in picture.endpoints()]
    metrics = [*_of_endpoints(statuses), *_of_engine(picture.stats, picture.version)]
    return encode(Collected(metrics)), content_type


_Rows = Sequence[tuple[EndpointInfo, EndpointStatus, Counted | None]]


def _labels(info: EndpointInfo) -> list[str]:
    return [info.id, info.name, info.group, info.kind]


def _of_endpoints(statuses: _Rows) -> Iterator[Metric]:
    yield _success(statuses)
    yield _durations(statuses)
    yield _phases(statuses)
    yield _http_statuses(statuses)
    yield _expiries(statuses)
    yield _states(statuses)
    yield _checks(statuses)
    yield _incidents(statuses)


def _gauge(name: str, help: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help, labels=[*_LABELS, *more])


def _counter(name: str, help: str, *more: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, help, labels=[*_LABELS, *more])


def _success(statuses: _Rows) -> Metric:
    metric = _gauge("monitor_probe_success", "Whether the last check passed.")
    for info, _row, counted in statuses:
        if counted and counted.status not in (None, Status.INCONCLUSIVE):
            metric.add_metric(_labels(info), float(counted.status in _PASSED))
    return metric


def _durations(statuses: _Rows) -> Metric:
    metric = _gauge("monitor_probe_duration_seconds", "How long the last check took.")
    for info, _row, counted in statuses:
        if counted and counted.latency_ms is not None:
            metric.add_metric(_labels(info), counted.latency_ms / 1000)
    return metric


def _phases(statuses: _Rows) -> Metric:
    metric = _gauge("monitor_probe_phase_duration_seconds", "How long each phase of it took.", "phase")
    for info, _row, counted in statuses:
        for phase, ms in (counted.phases_ms if counted else {}).items():
            metric.add_metric([*_labels(info), phase], ms / 1000)
    return metric


def _http_statuses(statuses: _Rows) -> Metric:
    metric = _gauge("monitor_probe_http_status_code", "The last HTTP status.")
    for info, _row, counted in statuses:
        if counted and counted.http_status is not None:
            metric.add_metric(_labels(info), counted.http_status)
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
