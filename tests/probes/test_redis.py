"""Redis checks, against a real server and scripted ones."""

from collections.abc import Callable, Iterator

import pytest
from servers import free_port, running, says

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.server import serve
from monitor.errors import FieldError
from monitor.judge.expectations import REPLY
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.redis import Redis
from monitor.redact import Piece, Secretive
from monitor.wire.tls import TlsOptions

PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def ports(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, needs: Callable[[str], str]
) -> Iterator[tuple[int, int]]:
    """Ports of a real Redis: plain, and over TLS."""
    folder, port, secure = tmp_path_factory.mktemp("redis"), free_port(), free_port()
    pem = str(authority.pem("valid"))
    tls = ["--tls-port", secure, "--tls-cert-file", pem, "--tls-key-file", pem, "--tls-auth-clients", "no"]
    tls += ["--tls-ca-cert-file", str(authority.ca)]
    command = [needs("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", *tls]
    with running([*command, "--requirepass", PASSWORD], port, folder=folder):
        yield port, secure


async def check(url: str, reply: object = None, **keys: object) -> Result:
    expect = () if reply is None else REPLY.compile("expect.reply", reply)
    seen = await run_probe(Redis(url=url, **keys), 3.0, expect)  # type: ignore[arg-type]
    return judge("x", seen, expect, ())


async def test_a_real_server_answers_ping(ports: tuple[int, int]) -> None:
    result = await check(f"redis://:open%20sesame@127.0.0.1:{ports[0]}/3")
    assert (result.status, result.message) == (Status.UP, "PONG")
    assert result.phases_ms.keys() == {"connect", "login", "wait"}


async def test_tls_is_verified(ports: tuple[int, int], authority: Authority) -> None:
    url = f"rediss://:open%20sesame@localhost:{ports[1]}"
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert (result.status, result.message) == (Status.UP, "PONG")
    assert result.certificate is not None
    assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize(
    ("command", "reply", "reason"),
    [
        ("SET greeting 'hello world'", "OK", None),
        ("GET greeting", {"contains": "hello"}, None),
        ("GET greeting", "nonsense", Reason.REPLY_MISMATCH),
        ("LPUSH jobs a b", {"ge": 2}, None),
        ("LRANGE jobs 0 -1", "b\na\nb\na", Reason.REPLY_MISMATCH),
        ("GET missing", "", None),
        ("NOSUCH", None, Reason.PROTOCOL_ERROR),
    ],
)
async def test_the_reply_to_a_command_is_matched(
    ports: tuple[int, int], command: str, reply: object, reason: Reason | None
) -> None:
    result = await check(f"redis://:open%20sesame@127.0.0.1:{ports[0]}", reply, command=command)
    assert result.reason is reason


@pytest.mark.parametrize("login", ["", ":wrong@", "nobody:wrong@"])
async def test_a_refused_login_is_an_auth_error(ports: tuple[int, int], login: str) -> None:
    result = await check(f"redis://{login}127.0.0.1:{ports[0]}")
    assert result.reason is Reason.AUTH_ERROR
    assert "wrong" not in result.message.lower() or "WRONGPASS" in result.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"$99999999999\r\n",
        b"$x\r\n",
        b"*2\r\n+a\r\n",
        b"$5\r\nab",
        b"*1\r\n" * 50,
        b"+" + b"x" * 9000,
    ],
)
async def test_what_is_no_redis_is_a_protocol_error(data: bytes) -> None:
    async with serve(says(data)) as port:
        assert (await check(f"redis://127.0.0.1:{port}")).reason is Reason.PROTOCOL_ERROR


@pytest.mark.parametrize("answer", [b"+OK\r\n", b"+PONG!\r\n", b":1\r\n", b"$2\r\nOK\r\n"])
async def test_only_pong_answers_ping(answer: bytes) -> None:
    async with serve(says(answer)) as port:
        result = await check(f"redis://127.0.0.1:{port}")
        assert result.reason is Reason.PROTOCOL_ERROR
        assert "answers PING with" in result.message
        assert (await check(f"redis://127.0.0.1:{port}", command="ECHO x")).reason is None


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "redis://a/x"}, "url"),
        ({"url": "redis://"}, "url"),
        ({"url": "redis://a", "command": ""}, "command"),
        ({"url": "redis://a", "command": "GET 'x"}, "command"),
    ],
)
def test_what_cannot_be_asked_is_refused(keys: dict[str, str], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        Redis(**keys)
    assert caught.value.key == key


def test_a_secret_stays_one_word_of_the_command() -> None:
    command = Secretive("GET a b", "GET •••", [Piece("GET ", False), Piece("a b", True)])
    assert Redis(url="redis://x", command=command)._words == ["GET", "a b"]


def test_the_password_is_not_in_the_target() -> None:
    assert PASSWORD not in Redis(url=f"redis://:{PASSWORD.replace(' ', '%20')}@a").target
