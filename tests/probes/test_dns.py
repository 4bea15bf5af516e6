"""DNS checks against a server of every temperament."""

import dns.message
import dns.rcode
import dns.rrset
import pytest

from monitor.checks.run_probe import run_probe
from monitor.demo.process import RunningZoo
from monitor.demo.server import Replier, serve_datagrams
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes._records import RCODE, RECORDS
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


# ---- servers that do not know EDNS


def answers(rcode: int) -> Replier:
    """A server that answers well to a question without EDNS, and with ``rcode`` to one with it."""

    async def reply(data: bytes) -> bytes:
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        if query.edns < 0:
            answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "A", "192.0.2.1"))
        elif rcode > 15:
            answer.use_edns(0)
            answer.set_rcode(dns.rcode.from_text(dns.rcode.to_text(dns.rcode.Rcode(rcode))))
        else:  # as RFC 6891 has it, with nothing but the header
            return data[:2] + bytes([0x80, 0x80 | rcode]) + bytes(8)
        return answer.to_wire()

    return reply


@pytest.mark.parametrize(("code", "name"), [(1, "FORMERR"), (4, "NOTIMP"), (16, "BADVERS")])
async def test_a_server_without_edns_is_asked_again_without_it(code: int, name: str) -> None:
    async with serve_datagrams(answers(code)) as port:
        probe = Dns(url=f"dns://a.test?server=127.0.0.1:{port}")
        expect = RCODE.compile("expect.rcode", "NOERROR")
        result = judge("x", await run_probe(probe, 2.0, expect), expect, ())
    assert (result.status, result.message) == (Status.UP, "192.0.2.1")
    assert result.explanation is not None
    assert [hop.answered for hop in result.explanation.hops] == [f"{name}; asked again without EDNS"]


async def test_an_answer_without_records_is_told_in_words() -> None:
    async def nothing(data: bytes) -> bytes:
        return dns.message.make_response(dns.message.from_wire(data)).to_wire()

    async with serve_datagrams(nothing) as port:
        probe = Dns(url=f"dns://a.test?type=AAAA&server=127.0.0.1:{port}")
        expect = RCODE.compile("expect.rcode", "NOERROR")
        result = judge("x", await run_probe(probe, 2.0, expect), expect, ())
    assert result.message == "expected rcode NOERROR, got no AAAA record"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("dns://straße.example", "xn--strae-oqa.example"),
        ("dns://WWW.example.", "www.example."),
        ("dns:///www.example", "www.example"),
        ("dns://_sip._tcp.example?type=srv", "_sip._tcp.example"),
        ("dns:///.?type=NS", "."),
    ],
)
def test_a_name_is_asked_for_in_its_form_on_the_wire(url: str, asked: str) -> None:
    assert Dns(url=url)._question.name == asked


@pytest.mark.parametrize(
    "url", ["dns://a b", "dns://u:p@a.test", "dns://a.test#x", "dns://a.test?server=u:p@b"]
)
def test_what_means_nothing_in_a_question_is_refused(url: str) -> None:
    with pytest.raises(FieldError):
        Dns(url=url)


TO = "60 IN CNAME"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (["a.example. 60 IN A 192.0.2.1"], None),
        (["A.EXAMPLE. 60 IN A 192.0.2.1"], None),
        (
            ["c.example. 60 IN A 192.0.2.1", f"a.example. {TO} b.example.", f"b.example. {TO} c.example."],
            None,
        ),
        (["other.example. 60 IN A 192.0.2.1"], Reason.DNS_ERROR),
        ([f"a.example. {TO} b.example.", "other.example. 60 IN A 192.0.2.1"], Reason.DNS_ERROR),
        ([f"a.example. {TO} b.example.", f"b.example. {TO} a.example."], Reason.DNS_ERROR),
    ],
)
async def test_only_records_of_the_name_and_of_its_aliases_are_an_answer(
    answer: list[str], reason: Reason | None
) -> None:
    async def reply(query: bytes) -> bytes:
        response = dns.message.make_response(dns.message.from_wire(query))
        response.answer += [dns.rrset.from_text(*line.split(maxsplit=4)) for line in answer]
        return response.to_wire()

    expect = RCODE.compile("expect.rcode", "NOERROR")
    async with serve_datagrams(reply) as port:
        seen = await run_probe(Dns(url=f"dns://a.example?server=127.0.0.1:{port}"), 5, expect)
    assert judge("x", seen, expect, ()).reason is reason
