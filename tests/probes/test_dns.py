"""DNS checks against a server of every temperament."""

import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.errors import FieldError
from monitor.judge.expectations import RCODE, RECORDS
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.dns import Dns


async def check(
    zoo: RunningZoo, name: str, kind: str = "A", records: object = None, rcode: str = "NOERROR"
) -> Result:
    expect = RCODE.compile("expect.rcode", rcode)
    if records is not None:
        expect += RECORDS.compile("expect.records", records)
    probe = Dns(url=f"dns://{name}.demo.test?type={kind}&server={zoo.addresses['dns']}")
    return judge("x", await run_probe(probe, 1.0, expect), expect, ())


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("A", "192.0.2.2"),
        ("AAAA", "2001:db8::1"),
        ("MX", "10 mail.demo.test"),
        ("NS", "NS.demo.test."),
        ("CNAME", "a.demo.test"),
        ("SRV", "0 5 443 a.demo.test."),
        ("CAA", '0 issue "ca.example"'),
    ],
)
async def test_records_of_every_type_are_found(zoo: RunningZoo, kind: str, record: str) -> None:
    result = await check(zoo, "healthy", kind, records=[record])
    assert (result.status, result.reason) == (Status.UP, None)


async def test_a_record_that_is_not_there_is_a_mismatch(zoo: RunningZoo) -> None:
    result = await check(zoo, "healthy", records=["192.0.2.1", "203.0.113.9"])
    assert result.reason is Reason.RECORD_MISMATCH
    assert "203.0.113.9" in result.message


async def test_a_name_that_does_not_exist_is_a_dns_error(zoo: RunningZoo) -> None:
    assert (await check(zoo, "nxdomain")).reason is Reason.DNS_ERROR


async def test_a_name_that_must_not_exist_passes_when_it_does_not(zoo: RunningZoo) -> None:
    assert (await check(zoo, "nxdomain", rcode="NXDOMAIN")).status is Status.UP


async def test_an_answer_cut_short_is_asked_for_again_over_tcp(zoo: RunningZoo) -> None:
    assert (await check(zoo, "truncated")).status is Status.UP


async def test_a_silent_server_is_a_read_timeout(zoo: RunningZoo) -> None:
    result = await check(zoo, "silent")
    assert result.reason is Reason.READ_TIMEOUT


@pytest.mark.parametrize(
    "url",
    ["dns://", "dns://a.test?type=NOPE", "dns://a.test?sever=1.1.1.1", f"dns://{'a' * 70}.test"],
)
def test_a_question_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(FieldError):
        Dns(url=url)


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("dns://192.0.2.1/a.test", "dns://a.test?type=A&server=192.0.2.1"),
        ("dns://192.0.2.1:53/a.test", "dns://a.test?type=A&server=192.0.2.1:53"),
        ("dns://a.test:53", "dns://a.test?type=A&server=ADDR:PORT"),
    ],
)
def test_a_server_where_others_have_it_is_told_where_we_have_it(url: str, right: str) -> None:
    with pytest.raises(FieldError, match="names a server or a port before") as caught:
        Dns(url=url)
    assert caught.value.text.endswith(f"write {right}")
