"""Certificates written octet by octet, so that they may be as odd as those that are met in the field."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value in DER."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return tlv(6, *map(_base128, (40 * first + second, *rest)))


def _base128(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.insert(0, number & 0x7F | 0x80)
    return bytes(octets)


def distinguished(common: str, tag: int = 0x0C) -> bytes:
    """A name that is a common name alone."""
    return sequence(tlv(0x31, sequence(oid("2.5.4.3"), tlv(tag, common.encode()))))


NOW = datetime.now(UTC)


def moment(days: float) -> bytes:
    """UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5)."""
    at = NOW + timedelta(days=days)
    if at.year < 2050:
        return tlv(0x17, at.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").encode())


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    return sequence(oid(dotted), b"\x01\x01\xff" if critical else b"", tlv(4, value))


def alternative_names(*names: str | bytes) -> bytes:
    """Host names, addresses and URIs; bytes are a general name as they are."""
    return extension("2.5.29.17", sequence(*map(_general_name, names)))


def _general_name(name: str | bytes) -> bytes:
    if isinstance(name, bytes):
        return name
    if "://" in name:
        return tlv(0x86, name.encode())
    try:
        return tlv(0x87, ip_address(name).packed)
    except ValueError:
        return tlv(0x82, name.encode())


def constraints(*permitted: str) -> bytes:
    """Name constraints that permit hosts below these."""
    trees = (sequence(tlv(0x82, name.encode())) for name in permitted)
    return extension("2.5.29.30", sequence(tlv(0xA0, *trees)), critical=True)


def usage(*purposes: str) -> bytes:
    return extension("2.5.29.37", sequence(*map(oid, purposes)))


AUTHORITY = extension("2.5.29.19", sequence(b"\x01\x01\xff"), critical=True)
NOT_AUTHORITY = extension("2.5.29.19", sequence(), critical=True)
SERVER, CLIENT = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"

_ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha1": "1.2.840.10045.4.1"}
_RSA = {"sha256": "1.2.840.113549.1.1.11", "sha1": "1.2.840.113549.1.1.5"}
_DIGESTS: dict[str, hashes.HashAlgorithm] = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}


@cache
def key(name: str, bits: int = 0) -> Key:
    """The key of that name, the same each time: RSA of so many bits, or else of an elliptic curve."""
    return rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A certificate to be made; days count from now."""

    subject: str
    issuer: str
    """The name of who signs, whose key has that name too, unless ``signer`` says otherwise."""
    signer: str = ""
    own_key: str = ""
    since: float = -30
    until: float = 90
    extensions: tuple[bytes, ...] = ()
    version: int = 3
    serial: bytes = b"\x01"
    digest: str = "sha256"
    bits: int = 0
    signer_bits: int = 0
    subject_der: bytes = b""
    until_der: bytes = b""

    @property
    def key(self) -> Key:
        return key(self.own_key or self.subject, self.bits)

    @cache  # noqa: B019 -- a signature is another one each time that it is made
    def der(self) -> bytes:
        signer = key(self.signer or self.issuer, self.signer_bits)
        algorithm = _algorithm(signer, self.digest)
        signed = self._signed_part(algorithm)
        return sequence(signed, algorithm, tlv(3, b"\0", _signature(signer, signed, self.digest)))

    def _signed_part(self, algorithm: bytes) -> bytes:
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        until = self.until_der or moment(self.until)
        return sequence(
            tlv(0xA0, tlv(2, bytes((self.version - 1,)))) if self.version > 1 else b"",
            tlv(2, self.serial),
            algorithm,
            distinguished(self.issuer),
            sequence(moment(self.since), until),
            self.subject_der or distinguished(self.subject),
            public,
            tlv(0xA3, sequence(*self.extensions)) if self.extensions else b"",
        )


def _algorithm(signer: Key, digest: str) -> bytes:
    if isinstance(signer, rsa.RSAPrivateKey):
        return sequence(oid(_RSA[digest]), b"\x05\x00")
    return sequence(oid(_ECDSA[digest]))


def _signature(signer: Key, data: bytes, digest: str) -> bytes:
    if isinstance(signer, rsa.RSAPrivateKey):
        return signer.sign(data, padding.PKCS1v15(), _DIGESTS[digest])
    return signer.sign(data, ec.ECDSA(_DIGESTS[digest]))


def root(name: str, **keys: object) -> Wanted:
    """A certificate authority's own certificate."""
    return authority(name, name, **{"until": 3650, **keys})


def authority(name: str, issuer: str, **keys: object) -> Wanted:
    """An intermediate authority."""
    return Wanted(subject=name, issuer=issuer, **{"extensions": (AUTHORITY,), "until": 900, **keys})  # type: ignore[arg-type]


def leaf(issuer: str, *names: str | bytes, **keys: object) -> Wanted:
    """A server's certificate."""
    extensions = (alternative_names(*names or ("host.example",)), usage(SERVER))
    wanted = {"subject": "host.example", "issuer": issuer, "extensions": extensions, **keys}
    return Wanted(**wanted)  # type: ignore[arg-type]


def pem(der: bytes) -> str:
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def private_pem(private: Key) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
