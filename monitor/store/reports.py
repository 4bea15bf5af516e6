"""Makes a report from the history."""

from __future__ import annotations

from itertools import pairwise

from monitor.judge.availability import Availability, Seconds
from monitor.judge.reporting import Measured, Period, Seen, report
from monitor.model import Incident, Status
from monitor.model.report import By, Report
from monitor.store.reader import Reader, StoredEndpoint
from monitor.store.summaries import STATUSES, Summary
from monitor.syntax.selection import Selection

_HOUR = 3600.0


def report_of(reader: Reader, period: Period, selects: Selection, by: By = "endpoint") -> Report:
    """The report of a period over the selected endpoints that the config had in it."""
    with reader.at_once():
        chosen = [one for one in reader.endpoints() if _was_there(one, period) and selects(one)]
        incidents = _by_endpoint(reader, period)
        members = [_measured(reader, one, period, incidents.get(one.id, [])) for one in chosen]
    return report(members, period, by)


def _was_there(endpoint: StoredEndpoint, period: Period) -> bool:
    removed = endpoint.removed_at
    return endpoint.first_seen < period.until and (removed is None or removed > period.since)


def _by_endpoint(reader: Reader, period: Period) -> dict[str, list[Incident]]:
    found: dict[str, list[Incident]] = {}
    for incident in reader.incidents(period.since, period.until):
        found.setdefault(incident.endpoint, []).append(incident)
    return found


def _measured(
    reader: Reader, endpoint: StoredEndpoint, period: Period, incidents: list[Incident]
) -> Measured:
    summary = reader.summary(endpoint, period.since, period.until)
    availability = reader.availability(endpoint)
    return Measured(
        id=endpoint.id,
        name=endpoint.name,
        group=endpoint.group or None,
        tags=endpoint.tags,
        slo=endpoint.slo,
        checks=summary.checks,
        failed=summary.failed,
        seconds=availability.seconds(period.since, period.until),
        last_hour=availability.seconds(period.until - _HOUR, period.until),
        incidents=incidents,
        in_maintenance=frozenset(
            one.id for one in incidents if availability.was_maintenance(one.began, one.ended or period.now)
        ),
        latencies=summary.latencies,
        parts=_parts(availability, period),
        locations=_locations(reader, endpoint, period),
    )


def _locations(reader: Reader, endpoint: StoredEndpoint, period: Period) -> dict[str, Seen]:
    """The locations that checked the endpoint in the period."""
    summaries = {
        name: reader.summary(seen, period.since, period.until)
        for name, seen in reader.locations(endpoint).items()
    }
    return {name: _seen(summary) for name, summary in summaries.items() if summary.checks}


def _seen(summary: Summary) -> Seen:
    return Seen(
        checks=summary.checks,
        failed=summary.failed,
        inconclusive=summary.counts[STATUSES.index(Status.INCONCLUSIVE)],
        latencies=summary.latencies,
    )


def _parts(availability: Availability, period: Period) -> list[Seconds]:
    return [availability.seconds(start, end) for start, end in pairwise(period.parts)]
