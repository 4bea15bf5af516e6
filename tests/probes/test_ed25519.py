"""Signatures as MariaDB's logins have them."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes._ed25519 import public_key, sign


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_a_seed_of_the_usual_length_signs_as_a_library_does(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert public_key(seed) == key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert sign(seed, message) == key.sign(message)


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_secret_of_any_length_makes_a_signature_that_holds(secret: bytes, message: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public_key(secret)).verify(sign(secret, message), message)
