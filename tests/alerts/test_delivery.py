"""The reasons of failed deliveries, in words."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest

from monitor.alerts.delivery import cause


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def untrusted(text: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = text
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('10.0.0.1', 80)"),
            "connection refused",
        ),
        (FileNotFoundError(errno.ENOENT, "No such file", "/opt/hunter2"), "no such file or directory"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "name or service not known"),
        (untrusted("Hostname mismatch, certificate is not valid for 'hunter2'"), "hostname mismatch"),
        (untrusted("certificate has expired"), "certificate has expired"),
        (chained(RuntimeError("hunter2"), TimeoutError(errno.ETIMEDOUT, "x")), "connection timed out"),
        (RuntimeError("hunter2"), "RuntimeError"),
        (OSError("hunter2"), "OSError"),
    ],
)
def test_the_cause_is_said_without_any_name(error: Exception, words: str):
    assert cause(error) == words
