"""Error answers: an HTTP status, and JSON with a code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.errors import LinkError, UsageError

CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}


class ApiError(Exception):
    """An error answer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class Json(Response):
    """A JSON document."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Json:
    """``{"error": {"code", "message"}}``."""
    code = CODES.get(status, "internal_error")
    return Json({"error": {"code": code, "message": message}}, status, dict(headers or {}))


def _api_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error.status, error.message, error.headers)


def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = HTTPStatus(error.status_code).phrase.lower()
    return error_response(error.status_code, sentence, error.headers)


def _link_error(_request: Request, error: Exception) -> Response:
    return error_response(503, f"the engine does not answer: {error}", {"Retry-After": "2"})


def _usage_error(_request: Request, error: Exception) -> Response:
    return error_response(422, str(error))


def _crash(_request: Request, error: Exception) -> Response:
    return error_response(500, f"internal error: {type(error).__name__}")


HANDLERS: Mapping[Any, Any] = {
    ApiError: _api_error,
    HTTPException: _http_error,
    LinkError: _link_error,
    UsageError: _usage_error,
    Exception: _crash,
}
"""Starlette's exception handlers, by exception."""
