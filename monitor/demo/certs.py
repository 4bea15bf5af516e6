"""A certificate authority for loopback, with good and bad server certificates."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The properties of one kind of certificate; days count from now."""

    names: tuple[str, ...] = HERE
    since: float = -30
    until: float = 90
    trusted: bool = True
    """Whether the authority signed it; otherwise it is self-signed."""


KINDS: Mapping[str, Kind] = {
    "valid": Kind(),
    "expiring": Kind(until=5),
    "expired": Kind(since=-60, until=-3),
    "not-yet-valid": Kind(since=3),
    "wrong-name": Kind(names=("elsewhere.example",)),
    "self-signed": Kind(trusted=False),
    "expired-self-signed": Kind(since=-60, until=-3, trusted=False),
    "client": Kind(names=("client.example",)),
}


class Authority:
    """A throw-away CA whose certificates lie in ``folder``: ``ca.pem`` and one ``KIND.pem`` each.

    ``KIND.pem`` holds the certificate and its key, as ``ssl.SSLContext.load_cert_chain`` takes them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("monitor demo CA")
        self.ca.write_bytes(self._own().public_bytes(Encoding.PEM))

    def pem(self, kind: str) -> Path:
        """The file of the certificate of ``kind`` (a key of :data:`KINDS`), made when first asked for."""
        path = self.folder / f"{kind}.pem"
        if not path.exists():
            self._issue(path, KINDS[kind])
        return path

    def server_context(self, kind: str = "valid") -> ssl.SSLContext:
        """The TLS context of a server with that certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem(kind))
        return context

    def client_context(self) -> ssl.SSLContext:
        """The TLS context of a client that trusts this authority."""
        return ssl.create_default_context(cafile=str(self.ca))

    def _own(self) -> x509.Certificate:
        wanted = _builder(self._name, self._name, self._key.public_key(), -365, 3650)
        wanted = wanted.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        wanted = wanted.add_extension(_key_of(self._key), critical=False)
        return wanted.add_extension(_key_usage(signs=True), critical=True).sign(self._key, SHA256())

    def _issue(self, path: Path, kind: Kind) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(kind.names[0])
        issuer, signer = (self._name, self._key) if kind.trusted else (subject, key)
        wanted = _builder(subject, issuer, key.public_key(), kind.since, kind.until)
        wanted = wanted.add_extension(x509.SubjectAlternativeName(_alternatives(kind.names)), critical=False)
        wanted = wanted.add_extension(_USES, critical=False)
        wanted = wanted.add_extension(_key_of(key), critical=False)
        wanted = wanted.add_extension(_signed_by(signer), critical=False)
        path.touch(mode=0o600)
        path.write_bytes(wanted.sign(signer, SHA256()).public_bytes(Encoding.PEM) + _private(key))


_USES = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def _key_of(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _signed_by(signer: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: float, until: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now + timedelta(days=since),
        not_valid_after=now + timedelta(days=until),
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternatives(names: tuple[str, ...]) -> list[x509.GeneralName]:
    return [_alternative(name) for name in names]


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
