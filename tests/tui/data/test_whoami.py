"""Who sits in front of this dashboard."""

import os
import pwd

import pytest

from monitor.tui.data.whoami import user_name


@pytest.fixture(autouse=True)
def _ask_anew():
    user_name.cache_clear()
    yield
    user_name.cache_clear()


def test_it_is_the_user_whom_the_process_belongs_to(monkeypatch):
    monkeypatch.setenv("USER", "somebody else")
    monkeypatch.setattr(
        pwd, "getpwuid", lambda uid: {os.geteuid(): pwd.struct_passwd(("ann", *"x" * 6))}[uid]
    )
    assert user_name() == "ann"


def test_a_user_without_a_name_is_a_number(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 4_123_456)
    assert user_name() == "4123456"
