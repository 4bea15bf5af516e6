"""The API's OpenAPI 3.1 document."""

from __future__ import annotations

from functools import cache
from typing import Any

from monitor import __version__
from monitor.link.figures import WINDOWS
from monitor.model import Kind, NotificationState, Reason, State, Status, Suppression

Json = dict[str, Any]

_TIME: Json = {"type": "string", "format": "date-time"}
_MAYBE_TIME: Json = {"type": ["string", "null"], "format": "date-time"}
_TEXT: Json = {"type": "string"}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_NUMBER: Json = {"type": "number"}
_MAYBE_NUMBER: Json = {"type": ["number", "null"]}
_WHOLE: Json = {"type": "integer"}
_PHASES: Json = {"type": "object", "additionalProperties": _NUMBER}
"""Milliseconds by phase."""
_FLAG: Json = {"type": "boolean"}
_ERRORS = {
    "401": "The token is missing or unknown.",
    "403": "The token is of the wrong kind.",
    "413": "The body is too long.",
    "422": "The request is invalid.",
    "429": "Too many requests; Retry-After says when to try again.",
    "503": "The engine does not answer.",
}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _with_warning(name: str) -> Json:
    """An object that has ``warning`` if the change is only in memory, since the history cannot be written."""
    return {"allOf": [_ref(name), {"type": "object", "properties": {"warning": _TEXT}}]}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _object(**properties: Json) -> Json:
    """An object schema; all properties are required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _perhaps_with(schema: Json, **properties: Json) -> Json:
    """An object that may have more properties."""
    return {**schema, "properties": {**schema["properties"], **properties}}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _schemas() -> Json:
    return {
        "Error": _object(error=_object(code=_TEXT, message=_TEXT)),
        "Acknowledgement": _perhaps_with(_object(by=_TEXT, at=_TIME, note=_TEXT), until=_TIME),
        "Silence": _object(
            id=_TEXT,
            select=_array(_TEXT),
            at=_TIME,
            until=_MAYBE_TIME,
            until_up=_FLAG,
            by=_TEXT,
            note=_TEXT,
        ),
        "Certificate": _object(subject=_MAYBE_TEXT, issuer=_MAYBE_TEXT, not_after=_TIME, days_left=_NUMBER),
        "Endpoint": _endpoint(),
        "Status": _object(
            checked_at=_TIME,
            summary=_object(**{state.value: _WHOLE for state in State}),
            endpoints=_array(_ref("Endpoint")),
        ),
        "Incident": _incident(),
        "Notification": _notification(),
        "Report": _object(
            since=_TIME,
            until=_TIME,
            generated_at=_TIME,
            by=_TEXT,
            entries=_array({"type": "object"}),
            incidents=_array(_ref("Incident")),
        ),
        "History": _perhaps_with(
            _object(id=_TEXT, since=_TIME, until=_TIME, step_s=_NUMBER, points=_array(_point())),
            locations={"type": "object", "additionalProperties": _array(_point())},
        ),
    }


def _endpoint() -> Json:
    slower = _object(phase=_TEXT, factor=_NUMBER, since=_TIME, ms=_NUMBER, usual_ms=_NUMBER)
    state = _object(
        id=_TEXT,
        name=_TEXT,
        group=_MAYBE_TEXT,
        tags=_array(_TEXT),
        type=_TEXT,
        target=_TEXT,
        state={"enum": [state.value for state in State]},
        since=_TIME,
        reason={"enum": [*(reason.value for reason in Reason), None]},
        message=_TEXT,
        latency_ms=_MAYBE_NUMBER,
        checked_at=_MAYBE_TIME,
        next_check_at=_MAYBE_TIME,
        certificate=_or_null(_ref("Certificate")),
        uptime=_object(**dict.fromkeys(WINDOWS, _MAYBE_NUMBER)),
        flapping=_FLAG,
        acknowledged=_or_null(_ref("Acknowledgement")),
        silenced=_or_null(_ref("Silence")),
        maintenance=_FLAG,
    )
    return _perhaps_with(state, slower=slower, locations=_array(_location()))


def _location() -> Json:
    return _object(
        location=_TEXT,
        status={"enum": [status.value for status in Status]},
        reason={"enum": [*(reason.value for reason in Reason), None]},
        message=_TEXT,
        latency_ms=_MAYBE_NUMBER,
        checked_at=_TIME,
    )


def _incident() -> Json:
    return _object(
        id=_TEXT,
        endpoint=_TEXT,
        name=_TEXT,
        began=_TIME,
        ended=_MAYBE_TIME,
        duration_s=_NUMBER,
        reason=_MAYBE_TEXT,
        cause=_TEXT,
        failed=_WHOLE,
        acknowledged=_or_null(_ref("Acknowledgement")),
        common_cause=_or_null(_object(kind=_TEXT, value=_TEXT, count=_WHOLE)),
        notifications=_array(_ref("Notification")),
    )


def _notification() -> Json:
    return _object(
        alert=_TEXT,
        channel=_TEXT,
        kind={"enum": [kind.value for kind in Kind]},
        message=_MAYBE_TEXT,
        at=_TIME,
        state={"enum": [state.value for state in NotificationState]},
        ended_at=_MAYBE_TIME,
        failed_tries=_WHOLE,
        error=_MAYBE_TEXT,
        suppressed_by={"enum": [*(one.value for one in Suppression), None]},
        fallback_for=_MAYBE_TEXT,
    )


def _point() -> Json:
    percentiles = _object(p50=_NUMBER, p90=_NUMBER, p95=_NUMBER, p99=_NUMBER, max=_NUMBER)
    return _object(
        at=_TIME, checks=_WHOLE, failed=_WHOLE, latency_ms=_or_null(percentiles), phases_ms=_PHASES
    )


def _operation(summary: str, answer: Json | None, *more: str, status: str = "200", **rest: Any) -> Json:
    """One operation; ``more`` lists further statuses."""
    meanings = {"404": "Not found.", "409": "There is nothing to change."}
    content = {"application/json": {"schema": _ref("Error")}}
    responses: Json = {status: {"description": summary}}
    if answer is not None:
        responses[status]["content"] = {"application/json": {"schema": answer}}
    for code, description in {**_ERRORS, **{one: meanings[one] for one in more}}.items():
        responses[code] = {"description": description, "content": content}
    return {"summary": summary, "responses": responses, **rest}


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_ID: Json = {"name": "id", "in": "path", "required": True, "schema": _TEXT}
_SINCE = _query("since", "A duration back from now, or an ISO 8601 time.", _TEXT)
_UNTIL = _query("until", "A duration back from now, or an ISO 8601 time.", _TEXT)


def _body(schema: Json, *, required: bool) -> Json:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _closed(required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _paths() -> Json:
    select = _query("select", "Terms as in --select; any match selects.", _array(_TEXT))
    step = _query("step", "A duration; by default a 200th of the whole.", _TEXT)
    still_open = _query("open", "Only those that are open, or over.", {"enum": ["true", "false"]})
    lasting = {"for": {"type": ["string", "number", "null"]}}
    note = _body(_closed([], note=_TEXT, **lasting), required=False)
    wanted = _closed(["select"], select={**_array(_TEXT), "minItems": 1}, note=_TEXT, **lasting)
    silences = _object(silences=_array(_ref("Silence")))
    incidents = _object(incidents=_array(_ref("Incident")))
    one, history = _ref("Endpoint"), _ref("History")
    changed, started = _with_warning("Endpoint"), _with_warning("Silence")
    events = {"200": {"description": "Changes of state.", "content": {"text/event-stream": {}}}}
    acts = {
        "check": "Check it now",
        "pause": "Pause its checks",
        "resume": "Resume its checks",
    }
    return {
        "/endpoints": {"get": _operation("Every endpoint's state", _ref("Status"), parameters=[select])},
        "/endpoints/{id}": {"get": _operation("One endpoint's state", one, "404", parameters=[_ID])},
        "/endpoints/{id}/history": {
            "get": _operation(
                "Latencies and failures", history, "404", parameters=[_ID, _SINCE, _UNTIL, step]
            )
        },
        **{
            f"/endpoints/{{id}}/{name}": {
                "post": _operation(summary, changed, "404", "409", parameters=[_ID])
            }
            for name, summary in acts.items()
        },
        "/endpoints/{id}/acknowledge": {
            "post": _operation("Acknowledge it", changed, "404", "409", parameters=[_ID], requestBody=note)
        },
        "/incidents": {
            "get": _operation("Incidents, newest first", incidents, parameters=[_SINCE, still_open])
        },
        "/report": {
            "get": _operation(
                "Uptimes, incidents, latencies and error budgets",
                _ref("Report"),
                parameters=[_SINCE, _UNTIL, _query("by", "", {"enum": ["endpoint", "group", "tag"]}), select],
            )
        },
        "/events": {"get": {"summary": "Stream of state changes", "responses": events}},
        "/silences": {
            "get": _operation("Silences in force", silences),
            "post": _operation(
                "Start a silence", started, status="201", requestBody=_body(wanted, required=True)
            ),
        },
        "/silences/{id}": {
            "delete": _operation("End a silence", None, "404", status="204", parameters=[_ID])
        },
    }


@cache
def document() -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "monitor", "version": __version__},
        "servers": [{"url": "/api/v1"}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }
