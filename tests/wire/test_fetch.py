"""Where requests travel to."""

import pytest

from monitor.demo.process import RunningZoo
from monitor.errors import LocalError
from monitor.trace import Trace
from monitor.wire.fetch import Route, fetch
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


async def test_a_file_that_has_gone_is_this_machines_fault(zoo: RunningZoo) -> None:
    request = Request(method="GET", url=parse(f"https://{zoo.addresses['tls-valid']}/"))
    with pytest.raises(LocalError, match=r"tls\.ca"):
        await fetch(request, Route(tls=TlsOptions(ca="/nowhere/ca.pem")), Trace())
