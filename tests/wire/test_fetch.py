"""Where requests travel to."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from monitor.demo.certs import Authority
from monitor.demo.process import RunningZoo
from monitor.errors import LocalError
from monitor.trace import Trace
from monitor.wire import fetch as fetching
from monitor.wire.fetch import Route, fetch, prepare
from monitor.wire.messages import Request
from monitor.wire.tls import TlsOptions
from monitor.wire.urls import parse

HOME = parse("https://shop/")


@pytest.mark.parametrize(
    ("url", "address", "name"),
    [
        ("https://shop/a", ("10.0.0.5", 8443), "other"),
        ("https://shop:444/", ("shop", 444), "other"),
        ("https://away/", ("away", 443), "away"),
    ],
)
def test_what_is_set_for_the_first_host_is_for_no_other(
    url: str, address: tuple[str, int], name: str
) -> None:
    route = Route(tls=TlsOptions(server_name="other"), dial=("10.0.0.5", 8443), home=HOME.origin)
    assert (route.address_of(parse(url)), route.name_of(parse(url))) == (address, name)


@pytest.fixture
def gone(authority: Authority, tmp_path: Path) -> TlsOptions:
    """Settings whose CA file was there when they were made."""
    ca = tmp_path / "ca.pem"
    shutil.copy(authority.ca, ca)
    options = TlsOptions(ca=str(ca))
    ca.unlink()
    return options


async def test_a_file_that_has_gone_is_this_machines_fault(zoo: RunningZoo, gone: TlsOptions) -> None:
    request = Request(method="GET", url=parse(f"https://{zoo.addresses['tls-valid']}/"))
    with pytest.raises(LocalError, match=r"tls\.ca"):
        await fetch(request, Route(tls=gone), Trace())


FIRST_CHECK = textwrap.dedent("""
    import asyncio, ssl, sys, time
    from monitor.checks.run_probe import run_probe
    from monitor.probes import http, tls
    from monitor.wire.tls import TlsOptions

    kind, url, ca = sys.argv[1:]
    loaded, began = [], []

    class Watch:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("cryptography", "hpack"):
                loaded.append((time.perf_counter(), name))

    class Watched:
        def __init__(self, probe):
            self.prepare, self.probe = probe.prepare, probe
        async def check(self, trace):
            began.append(trace.began)
            return await self.probe.check(trace)

    made = ssl.create_default_context
    def make(**how):
        loaded.append((time.perf_counter(), "context"))
        return made(**how)

    sys.meta_path.insert(0, Watch())
    ssl.create_default_context = make
    probe = {"http": http.Http, "tls": tls.Tls}[kind](url=url, tls=TlsOptions(ca=ca))
    seen = asyncio.run(run_probe(Watched(probe), 10))
    assert seen.reason is None, seen.message
    assert all(at < began[0] for at, _ in loaded), [name for at, name in loaded if at >= began[0]]
    print(*sorted({name.partition(".")[0] for _, name in loaded}))
""")


@pytest.mark.parametrize(
    ("kind", "url", "loads"),
    [
        ("http", "https://{}/healthy", "context hpack"),
        ("tls", "tls://{}", "context"),
    ],
)
def test_the_first_check_over_tls_loads_everything_before_its_clock_starts(
    zoo: RunningZoo, kind: str, url: str, loads: str
) -> None:
    arguments = [kind, url.format(zoo.addresses["h2"]), zoo.ca]
    command = [sys.executable, "-c", FIRST_CHECK, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == (loads, "")


async def test_a_context_made_in_mid_check_is_in_no_phase(
    zoo: RunningZoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a redirect to https, which nobody could prepare for."""
    phases: list[str | None] = []
    trace, made, options = Trace(), fetching.tls.context, TlsOptions(ca=zoo.ca)

    def watched(*how: object) -> object:
        phases.append(trace.phase)
        return made(*how)  # type: ignore[arg-type]

    monkeypatch.setattr(fetching.tls, "context", watched)
    request = Request(method="GET", url=parse(f"https://{zoo.addresses['h2']}/healthy"))
    await fetch(request, Route(tls=options), trace)
    assert phases == [None]


@pytest.mark.parametrize(
    ("url", "route", "libraries"),
    [
        ("http://x/", Route(), set()),
        ("https://x/", Route(http_version="1.1"), {"cryptography"}),
        ("https://x/", Route(reuse=True), {"cryptography"}),
        ("https://x/", Route(), {"cryptography", "h2"}),
        ("http://x/", Route(http_version="2"), {"h2"}),
    ],
)
def test_no_way_loads_what_it_does_not_need(
    url: str, route: Route, libraries: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    monkeypatch.setattr(fetching, "prepare_tls", lambda *_: asked.add("cryptography"))
    monkeypatch.setattr(fetching.http2, "load", lambda: asked.add("h2"))
    prepare(parse(url), route)
    assert asked == libraries


def test_a_file_that_has_gone_does_not_stop_the_preparation(gone: TlsOptions) -> None:
    prepare(parse("https://x/"), Route(tls=gone))
