"""Ed25519 signatures (RFC 8032) with a secret of any length, as MariaDB's logins have them.

Libraries want a seed of 32 bytes, while MariaDB takes the password itself; so this is by hand. A
signature takes a few milliseconds. It is not made in constant time: nobody else measures ours.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_BASE_Y = 4 * pow(5, -1, _P) % _P

_Point = tuple[int, int, int, int]
"""A point of the curve in extended coordinates (RFC 8032, section 5.1.4)."""


def sign(secret: bytes, message: bytes) -> bytes:
    """The signature of ``message`` by the key derived from ``secret``."""
    hashed = hashlib.sha512(secret).digest()
    scalar = _clamped(hashed[:32])
    public = _encoded(_times(scalar, _BASE))
    once = _number(hashed[32:] + message)
    point = _encoded(_times(once, _BASE))
    challenge = _number(point + public + message)
    return point + ((once + challenge * scalar) % _ORDER).to_bytes(32, "little")


def public_key(secret: bytes) -> bytes:
    """The public key that belongs to ``secret``."""
    return _encoded(_times(_clamped(hashlib.sha512(secret).digest()[:32]), _BASE))


def _clamped(data: bytes) -> int:
    number = int.from_bytes(data, "little")
    return number & ((1 << 254) - 8) | (1 << 254)


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % _ORDER


def _recovered_x(y: int) -> int:
    """The even x of the point at ``y``."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return _P - x if x & 1 else x


_BASE_X = _recovered_x(_BASE_Y)
_BASE: _Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def _added(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _added(total, point)
        point = _added(point, point)
        scalar >>= 1
    return total


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")
