import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import pytest

from monitor.demo.dns import serve_dns


async def _ask(label: str, kind: str = "A", timeout: float = 2) -> tuple[dns.message.Message, bool]:
    async with serve_dns() as port:
        query = dns.message.make_query(f"{label}.demo.test", kind)
        return await dns.asyncquery.udp_with_fallback(query, "127.0.0.1", port=port, timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("A", "192.0.2.1"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "a.demo.test."),
        ("MX", "10 mail.demo.test."),
        ("TXT", '"v=spf1 -all" "second"'),
        ("SRV", "0 5 443 a.demo.test."),
        ("CAA", '0 issue "ca.example"'),
    ],
)
async def test_a_healthy_name_has_records(kind: str, first: str):
    answer, _ = await _ask("www", kind)
    assert first in [record.to_text() for record in answer.answer[0]]


@pytest.mark.parametrize(
    ("label", "rcode", "answers"),
    [
        ("nxdomain", "NXDOMAIN", 0),
        ("servfail", "SERVFAIL", 0),
        ("refused", "REFUSED", 0),
        ("empty", "NOERROR", 0),
        ("alias", "NOERROR", 2),
        ("slow", "NOERROR", 1),
    ],
)
async def test_a_name_answers_as_it_is_called(label: str, rcode: str, answers: int):
    answer, _ = await _ask(label)
    assert (dns.rcode.to_text(answer.rcode()), len(answer.answer)) == (rcode, answers)


async def test_a_truncated_answer_is_whole_over_tcp():
    answer, over_tcp = await _ask("truncated")
    assert over_tcp
    assert not answer.flags & dns.flags.TC
    assert answer.answer


@pytest.mark.parametrize(
    ("label", "error"),
    [
        ("silent", dns.exception.Timeout),
        ("wrong-id", dns.exception.DNSException),
        ("wrong-question", dns.exception.DNSException),
        ("garbage", dns.exception.DNSException),
    ],
)
async def test_a_bad_answer_is_none(label: str, error: type[Exception]):
    with pytest.raises(error):
        await _ask(label, timeout=0.1)
