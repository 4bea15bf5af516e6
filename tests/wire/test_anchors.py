"""Whom to trust. What follows from that, the table of chains says."""

import ssl
import time
from pathlib import Path

import pytest
from issuing import leaf, pem, root

from monitor.wire import tls
from monitor.wire.anchors import anchors_of, trusting
from monitor.wire.tls import TlsOptions


def in_file(folder: Path, *days: float) -> str:
    file = folder / "ca.pem"
    file.write_text("".join(pem(root(f"R{number}", until=until).der()) for number, until in enumerate(days)))
    return str(file)


@pytest.mark.parametrize(
    ("days", "trusted", "lapsed"), [((50, 70), 2, 0), ((-3, 70), 1, 1), ((-3, -5), 2, 0), ((50,), 1, 0)]
)
def test_those_that_have_expired_are_passed_over_while_there_are_others(
    days: tuple[float, ...], trusted: int, lapsed: int, tmp_path: Path
) -> None:
    context = trusting(in_file(tmp_path, *days))
    assert len(context.get_ca_certs()) == trusted
    if lapsed:
        assert len(anchors_of(context).lapsed) == lapsed


def test_a_server_that_is_trusted_by_itself_stays_so(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    server = leaf("host.example", own_key="host.example").der()
    file.write_text(pem(root("R", until=-3).der()) + pem(server))
    assert anchors_of(trusting(str(file))).trusted == (server,)


def test_the_next_end_is_known(tmp_path: Path) -> None:
    until = anchors_of(trusting(in_file(tmp_path, -3, 50, 70))).until
    assert until == pytest.approx(time.time() + 50 * 86400, abs=600)


def test_this_machines_own_are_known() -> None:
    assert len(anchors_of(trusting(None)).trusted) >= len(trusting(None).get_ca_certs())


def test_a_context_from_elsewhere_has_none() -> None:
    assert anchors_of(ssl.create_default_context()).trusted == ()


def test_an_authority_that_expires_brings_a_new_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = TlsOptions(ca=in_file(tmp_path, 50, 70))
    before = tls.context(options)
    later = time.time() + 60 * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    after = tls.context(options)
    assert after is not before
    assert [len(anchors_of(one).trusted) for one in (before, after)] == [2, 1]
    assert tls.context(options) is after
