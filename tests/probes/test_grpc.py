"""gRPC health checks, against grpcio and scripted servers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from hypothesis import given
from hypothesis import strategies as st

from monitor.checks.run_probe import run_probe
from monitor.demo.certs import Authority
from monitor.demo.process import RunningZoo
from monitor.errors import ProbeError
from monitor.judge.verdict import judge
from monitor.model import Reason, Result, Status
from monitor.probes.grpc import Grpc, _parsed, _question
from monitor.wire.tls import TlsOptions

States = health_pb2.HealthCheckResponse


@pytest.fixture(scope="module")
def ports(authority: Authority) -> Iterator[tuple[int, int, int]]:
    """Real servers' ports: plain, over TLS, and one without a health service."""
    pem = authority.pem("valid").read_bytes()
    servers = [grpc.server(ThreadPoolExecutor(2)) for _ in range(2)]
    servicer = health.HealthServicer()
    for name, state in (("", States.SERVING), ("shop", States.SERVING), ("jobs", States.NOT_SERVING)):
        servicer.set(name, state)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, servers[0])
    plain = servers[0].add_insecure_port("127.0.0.1:0")
    secure = servers[0].add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(pem, pem)]))
    other = servers[1].add_insecure_port("127.0.0.1:0")
    for server in servers:
        server.start()
    yield plain, secure, other
    for server in servers:
        server.stop(None).wait()


async def check(url: str, **keys: object) -> Result:
    return judge("x", await run_probe(Grpc(url=url, **keys), 3.0), (), ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "reason", "message"),
    [
        ("", None, "SERVING"),
        ("/shop", None, "SERVING"),
        ("/jobs", Reason.VALUE_MISMATCH, "the health service says NOT_SERVING"),
        ("/nowhere", Reason.VALUE_MISMATCH, "the server does not know the service"),
    ],
)
async def test_the_service_in_the_path_has_to_serve(
    ports: tuple[int, int, int], path: str, reason: Reason | None, message: str
) -> None:
    result = await check(f"grpc://127.0.0.1:{ports[0]}{path}")
    assert (result.reason, result.message[: len(message)]) == (reason, message)


async def test_tls_is_verified(ports: tuple[int, int, int], authority: Authority) -> None:
    url = f"grpcs://localhost:{ports[1]}"
    result = await check(url, tls=TlsOptions(ca=str(authority.ca)))
    assert (result.status, result.certificate is not None) == (Status.UP, True)
    assert (await check(url)).reason is Reason.CERTIFICATE_UNTRUSTED


async def test_a_server_without_a_health_service_is_reported(ports: tuple[int, int, int]) -> None:
    result = await check(f"grpc://127.0.0.1:{ports[2]}")
    assert result.reason is Reason.PROTOCOL_ERROR
    assert result.message.startswith("the server has no health service")


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ("http", Reason.PROTOCOL_ERROR),
        ("h2c", Reason.PROTOCOL_ERROR),
        ("tcp-close", Reason.PROTOCOL_ERROR),
        ("tcp-silent", Reason.READ_TIMEOUT),
        ("refused", Reason.CONNECTION_REFUSED),
    ],
)
async def test_what_is_no_grpc_has_its_reason(zoo: RunningZoo, server: str, reason: Reason) -> None:
    seen = await run_probe(Grpc(url=f"grpc://{zoo.addresses[server]}"), 0.5)
    assert seen.reason is reason


@given(st.text(max_size=300))
def test_the_question_is_the_one_that_grpc_would_ask(service: str) -> None:
    framed = _question(service)
    assert framed[:1] == b"\0"
    assert int.from_bytes(framed[1:5], "big") == len(framed) - 5
    assert health_pb2.HealthCheckRequest.FromString(framed[5:]).service == service


@pytest.mark.parametrize("state", [0, 1, 2, 3])
def test_the_answer_is_read_as_grpc_would_write_it(state: int) -> None:
    message = States(status=state).SerializeToString()
    assert _parsed(b"\0" + len(message).to_bytes(4, "big") + message) == state


@given(st.binary(max_size=20))
def test_a_broken_answer_is_a_protocol_error(garbage: bytes) -> None:
    try:
        state = _parsed(garbage)
    except ProbeError as error:
        assert error.reason is Reason.PROTOCOL_ERROR  # noqa: PT017
    else:
        assert 0 <= state < 256
