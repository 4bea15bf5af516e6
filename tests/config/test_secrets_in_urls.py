"""A secret in a URL's user or password is taken literally, and nobody sees it."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.checks.run_probe import run_probe
from monitor.cli import main
from monitor.config.interpolate import Interpolation
from monitor.demo.server import serve
from monitor.errors import FieldError
from monitor.probe import BaseProbe
from monitor.probes import probe_class, schemes
from monitor.redact import MASK, as_url

HOST = "db.example"
SCHEMES = sorted({*schemes()} - {"exec", "push", "dns", "icmp"})
WEB = ("http", "websocket", "grpc")
DATABASES = ("postgres", "postgresql", "mysql")

SECRETS = st.text(
    st.one_of(
        st.sampled_from("/?#@:%[]\\ &=+$<>\"'{}|^`\tü€漢.4120"),
        st.characters(codec="utf-8", exclude_characters="\0"),
    ),
    min_size=1,
    max_size=24,
)
NASTY = (
    "Hunter2xyz://a:b",
    "Hunter2xyz (",
    "p/Hunter2xyz",
    "12/Hunter2xyz",
    "12?Hunter2xyz",
    "12#Hunter2xyz",
    "Hunter2xyz@evil.example/",
    "80@evil.example:81/Hunter2xyz",
    "%41Hunter2xyz",
    "[Hunter2xyz",
    "[::1]:Hunter2xyz",
    "Hunter2xyz ü€ %zz",
    "\u2100Hunter2xyz",
    "${Hunter2xyz}$$",
    "Hunter2xyz\\evil.example",
)


def filled(text: str, **environ: str) -> Any:
    return Interpolation(environ).fill(text, Path("/nowhere"), lambda *said: pytest.fail(str(said)))


def probe(scheme: str, url: str, **environ: str) -> BaseProbe:
    return probe_class(schemes()[scheme])(url=as_url(filled(url, **environ)))


def reached(one: Any) -> tuple[str, tuple[str, str]]:
    """Host and credentials as the check will use them."""
    if one.kind == "http":
        return one._url.host, (one._url.user, one._url.password)
    return one.host, one.credentials


@pytest.mark.parametrize("scheme", SCHEMES)
@given(secret=SECRETS)
def test_a_password_is_exactly_what_was_brought_in(scheme: str, secret: str) -> None:
    one = probe(scheme, f"{scheme}://u:${{PW}}@{HOST}:99", PW=secret)
    assert reached(one) == (HOST, ("u", secret))
    assert one.target == f"{scheme}://u:{MASK}@{HOST}:99"


@pytest.mark.parametrize("scheme", SCHEMES)
@given(secret=SECRETS)
def test_a_user_is_exactly_what_was_brought_in(scheme: str, secret: str) -> None:
    assume(":" not in secret or schemes()[scheme] not in WEB)
    one = probe(scheme, f"{scheme}://${{WHO}}:pw@{HOST}:99/", WHO=secret)
    assert reached(one) == (HOST, (secret, "pw"))
    assert one.target == f"{scheme}://{MASK}:{MASK}@{HOST}:99/"


@pytest.mark.parametrize(
    ("scheme", "user", "password", "text"),
    [
        ("http", "a:b", "c", "colon"),
        ("grpc", "a:b", "c", "colon"),
        *((scheme, "a", "b\0c", "NUL") for scheme in ("smtp", "mqtt", "amqp", "postgres", "mysql")),
    ],
)
def test_what_a_protocol_cannot_carry_is_refused(scheme: str, user: str, password: str, text: str) -> None:
    with pytest.raises(FieldError, match=text):
        probe(scheme, f"{scheme}://${{WHO}}:${{PW}}@{HOST}", WHO=user, PW=password)


@given(secret=SECRETS.filter(lambda text: len(text.encode()) < 256))
def test_the_password_of_a_proxy_is_exactly_what_was_brought_in(secret: str) -> None:
    proxy = as_url(filled("socks5://u:${PW}@proxy.example", PW=secret))
    one: Any = probe_class("http")(url="http://a.example", proxy=proxy)
    found = one._browser.route.proxy
    assert (found.host, found.user, found.password) == ("proxy.example", "u", secret)


@given(secret=SECRETS)
def test_the_password_of_a_dns_server_is_exactly_what_was_brought_in(secret: str) -> None:
    one: Any = probe("dns", "dns://a.example?server=https://u:${PW}@dns.example/q&type=MX", PW=secret)
    server = one._question.server
    assert (server.host, server.path, server.credentials) == ("dns.example", "/q", ("u", secret))
    assert one._question.type == "MX"


@pytest.mark.parametrize("scheme", DATABASES)
def test_a_url_that_is_all_one_secret_stays_as_it_is(scheme: str) -> None:
    one: Any = probe(scheme, "${DB_URL}", DB_URL=f"{scheme}://u:p%2Fw@{HOST}:99/shop")
    assert (*reached(one), one.database, one.target) == (HOST, ("u", "p/w"), "shop", MASK)


@pytest.mark.parametrize(
    "scheme", [one for one in SCHEMES if schemes()[one] not in ("http", "websocket", "grpc")]
)
@pytest.mark.parametrize("password", ["12/Hunter2xyz", "12?Hunter2xyz", "12#Hunter2xyz", "p/Hunter2xyz"])
def test_a_password_that_breaks_a_whole_url_is_refused_and_not_quoted(scheme: str, password: str) -> None:
    for text, environ in (
        ("${URL}", {"URL": f"{scheme}://u:{password}@{HOST}/d"}),
        (f"{scheme}://u:{password}@{HOST}/d", {}),
    ):
        with pytest.raises(FieldError) as caught:
            probe(scheme, text, **environ)
        assert "Hunter" not in caught.value.text


def test_what_is_not_a_users_or_a_password_stays_text() -> None:
    url = as_url(filled("${A}://${HOST}:${PORT}/${PATH}", A="redis", HOST="a.example", PORT="7", PATH="3"))
    assert url == "redis://a.example:7/3"


# ---- what anybody can read


CONFIG = """
[defaults]
timeout = "2s"
"""


def written(folder: Path, urls: Sequence[str]) -> str:
    config = folder / "monitor.toml"
    tables = [f"[[endpoints]]\nname = 'n{at}'\nurl = '{url}'\n" for at, url in enumerate(urls)]
    config.write_text(CONFIG + "\n".join(tables))
    return str(config)


def leaks(secret: str, said: str) -> bool:
    """Whether a part of the secret, in whatever spelling, is in ``said``."""
    return bool(re.search("hunter|unter2|evil", said, re.IGNORECASE)) or secret in said


@pytest.mark.parametrize("secret", NASTY)
def test_no_output_shows_a_secret(secret: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    port = 1  # nobody listens there
    urls = [f"{scheme}://u:${{PW}}@127.0.0.1:{port}" for scheme in SCHEMES]
    urls += [f"{scheme}://${{PW}}:x@127.0.0.1:{port}/" for scheme in DATABASES]
    urls += [f"dns://a.example?server=https://u:${{PW}}@127.0.0.1:{port}/q"]
    broken = [f"{scheme}://u:${{PW}}@127.0.0.1:port/" for scheme in SCHEMES]
    broken += ["${PW}://127.0.0.1/", "${PW}", "exec:${PW}"]
    with mock.patch.dict(os.environ, PW=secret):
        assert main(["validate", written(tmp_path, urls)]) == 0
        for kind in ("table", "json", "junit", "nagios"):
            main(["check", "-c", written(tmp_path, urls), "--format", kind])
        main(["check", "-c", written(tmp_path, urls), "--explain"])
        assert main(["validate", written(tmp_path, broken)]) == 2
        main(["check", "-c", written(tmp_path, broken)])
    said = "".join(capfd.readouterr())
    assert "127.0.0.1:1" in said
    assert not leaks(secret, said)


@pytest.mark.parametrize("secret", NASTY)
async def test_the_right_server_is_dialled_and_gets_the_whole_password(secret: str) -> None:
    heard = bytearray()

    async def server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(4096))
        writer.write(b"+OK\r\n")

    async with serve(server) as port:
        one = probe("redis", f"redis://u:${{PW}}@127.0.0.1:{port}", PW=secret)
        await run_probe(one, 2.0)
        assert f"AUTH\r\n$1\r\nu\r\n${len(secret.encode())}\r\n{secret}\r\n".encode() in heard
        heard.clear()
        await run_probe(probe("http", f"http://u:${{PW}}@127.0.0.1:{port}", PW=secret), 2.0)
        assert base64.b64encode(f"u:{secret}".encode()) in heard
