"""Who is at the other end of a socket."""

from __future__ import annotations

import os
import pwd
import socket

from monitor.link.peer import name_of, peer


def test_the_other_end_of_a_socket_is_known():
    one, other = socket.socketpair()
    with one, other:
        assert peer(one) == (os.getpid(), os.geteuid())


def test_a_user_has_a_name_or_at_least_a_number():
    assert name_of(os.geteuid()) == pwd.getpwuid(os.geteuid()).pw_name
    assert name_of(4_000_000) == "4000000"
