"""What the operating system's errors mean."""

import errno
import socket

import pytest

from monitor.errors import LocalError
from monitor.model import Reason
from monitor.wire import os_errors
from monitor.wire.os_errors import fault


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ECONNREFUSED, Reason.CONNECTION_REFUSED),
        (errno.ECONNRESET, Reason.CONNECTION_RESET),
        (errno.EPIPE, Reason.CONNECTION_RESET),
        (errno.EHOSTUNREACH, Reason.UNREACHABLE),
        (errno.EAFNOSUPPORT, Reason.UNREACHABLE),
        (errno.ETIMEDOUT, Reason.CONNECT_TIMEOUT),
    ],
)
def test_what_the_network_said_is_the_reason(code: int, reason: Reason) -> None:
    told = fault(OSError(code, "words"))
    assert told.reason is reason
    assert f"errno {code}" in told.message


@pytest.mark.parametrize(
    "code", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EACCES, errno.EPERM, errno.EBADF]
)
def test_what_is_wrong_here_is_nobody_elses_fault(code: int) -> None:
    assert isinstance(fault(OSError(code, "words")), LocalError)


def test_a_timeout_of_a_connection_that_stood_is_one_of_reading() -> None:
    assert fault(TimeoutError(errno.ETIMEDOUT, "x"), connected=True).reason is Reason.READ_TIMEOUT


def test_no_local_port_left_is_this_machines_fault() -> None:
    error = OSError(errno.EADDRNOTAVAIL, "x")
    assert fault(error, family=socket.AF_INET).reason is Reason.LOCAL_ERROR
    assert fault(error, family=socket.AF_INET6).reason is Reason.UNREACHABLE


@pytest.mark.parametrize(("routed", "reason"), [(True, Reason.UNREACHABLE), (False, Reason.LOCAL_ERROR)])
def test_an_unreachable_network_is_ours_when_there_is_no_route_at_all(
    monkeypatch: pytest.MonkeyPatch, routed: bool, reason: Reason
) -> None:
    monkeypatch.setattr(os_errors, "has_route", lambda: routed)
    assert fault(OSError(errno.ENETUNREACH, "x")).reason is reason


def test_an_error_without_a_number_keeps_its_words() -> None:
    assert "something odd" in fault(OSError("something odd")).message
