"""The values that every part of the program shares. Imports nothing else of ours."""

from monitor.model.config import Config, DashboardSettings, Difference, Problem, Settings, Theme, Tokens
from monitor.model.endpoint import Assertion, Endpoint, Probe, Source
from monitor.model.result import (
    REASON_RANK,
    Certificate,
    Explanation,
    Failed,
    Heartbeat,
    Hop,
    HttpFacts,
    Measure,
    Observation,
    Reason,
    Record,
    Result,
    Status,
)
from monitor.model.state import Acknowledgement, Ending, Event, Incident, Silence, State

__all__ = [
    "REASON_RANK",
    "Acknowledgement",
    "Assertion",
    "Certificate",
    "Config",
    "DashboardSettings",
    "Difference",
    "Ending",
    "Endpoint",
    "Event",
    "Explanation",
    "Failed",
    "Heartbeat",
    "Hop",
    "HttpFacts",
    "Incident",
    "Measure",
    "Observation",
    "Probe",
    "Problem",
    "Reason",
    "Record",
    "Result",
    "Settings",
    "Silence",
    "Source",
    "State",
    "Status",
    "Theme",
    "Tokens",
]
