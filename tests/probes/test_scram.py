"""SCRAM-SHA-256, against the example of RFC 7677 and a server of our own."""

import hashlib
import hmac
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.probes._scram import Scram, prepared


def test_the_example_of_the_rfc_but_for_the_user_name() -> None:
    scram = Scram("pencil", lambda: "rOprNGfwEbeRWgbNEkqO")
    assert scram.first() == b"n,,n=,r=rOprNGfwEbeRWgbNEkqO"
    challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert scram.final(challenge).startswith(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p="
    )


class Server:
    """The other side, which knows the password."""

    def __init__(self, password: str, first: bytes) -> None:
        self.salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), b"salt", 5)
        self.bare = first.removeprefix(b"n,,")
        nonce = self.bare.partition(b"r=")[2]
        self.challenge = b"r=%sMORE,s=%s,i=5" % (nonce, b64encode(b"salt"))

    def accepts(self, final: bytes) -> bool:
        without, _, proof = final.rpartition(b",p=")
        self.signed = b",".join((self.bare, self.challenge, without))
        client_key = hmac.digest(self.salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), self.signed, "sha256")
        return b64decode(proof) == bytes(a ^ b for a, b in zip(client_key, signature, strict=True))

    def proof(self) -> bytes:
        key = hmac.digest(self.salted, b"Server Key", "sha256")
        return b"v=" + b64encode(hmac.digest(key, self.signed, "sha256"))


@given(st.text(max_size=20), st.text(max_size=20))
def test_only_who_knows_the_password_is_accepted(password: str, told: str) -> None:
    scram = Scram(told)
    server = Server(password, scram.first())
    assert server.accepts(scram.final(server.challenge)) is (prepared(told) == prepared(password))
    if told == password:
        scram.verify(server.proof())


@pytest.mark.parametrize(
    ("written", "meant"), [("plain", "plain"), ("I\xadX", "IX"), ("\u2168", "IX"), ("a\xa0b", "a b")]
)
def test_passwords_that_look_alike_are_alike(written: str, meant: str) -> None:
    assert prepared(written) == meant


def test_a_server_that_proves_nothing_is_not_believed() -> None:
    with pytest.raises(ProbeError):
        Scram("x").verify(b"v=")


def test_a_server_that_does_not_know_the_password_is_found_out() -> None:
    scram = Scram("right")
    server = Server("wrong", scram.first())
    server.accepts(scram.final(server.challenge))
    with pytest.raises(ProbeError) as caught:
        scram.verify(server.proof())
    assert caught.value.reason is Reason.AUTH_ERROR


@given(st.binary(max_size=60))
def test_a_broken_challenge_is_a_protocol_error(garbage: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        Scram("x").final(garbage)
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_a_server_may_not_keep_us_busy_with_rounds() -> None:
    with pytest.raises(ProbeError):
        Scram("x", lambda: "n").final(b"r=nm,s=c2FsdA==,i=1000000000")
