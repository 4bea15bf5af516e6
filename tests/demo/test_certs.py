import asyncio
import ssl

import pytest

from monitor.demo.certs import KINDS, Authority
from monitor.demo.server import serve, until_gone


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("valid", None),
        ("expiring", None),
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("wrong-name", "IP address mismatch"),
        ("self-signed", "self-signed certificate"),
        ("expired-self-signed", "self-signed certificate|certificate has expired"),
        ("client", "IP address mismatch"),
    ],
)
async def test_a_client_of_the_authority_judges_each_kind(
    authority: Authority, kind: str, complaint: str | None
):
    async with serve(lambda reader, _: until_gone(reader), tls=authority.server_context(kind)) as port:
        connecting = asyncio.open_connection("127.0.0.1", port, ssl=authority.client_context())
        if complaint is None:
            _, writer = await connecting
            writer.close()
            await writer.wait_closed()
        else:
            with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
                await connecting


def test_every_kind_makes_a_file_that_only_its_owner_reads(authority: Authority):
    for kind in KINDS:
        assert authority.pem(kind).stat().st_mode & 0o077 == 0
