"""Secrets stay off every screen."""

import json
import time
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.redact import MASK, Redactor, Secretive, shown, without_password
from monitor.text import plain

SECRETS = st.text(min_size=4, max_size=20).filter(lambda text: not set(text) & set(MASK))


def test_a_secretive_text_is_the_real_one_that_shows_another() -> None:
    text = Secretive("Bearer hunter2", f"Bearer {MASK}")
    assert text == "Bearer hunter2"
    assert shown(text) == f"Bearer {MASK}"
    assert "hunter2" not in repr(text)
    assert shown("plain") == "plain"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://user:secret@host/", f"https://user:{MASK}@host/"),
        ("redis://:secret@host:6379", f"redis://:{MASK}@host:6379"),
        ("https://user:se@cret@host/", f"https://user:{MASK}@host/"),
        ("https://user@host/", "https://user@host/"),
        ("https://host/a:b@c", "https://host/a:b@c"),
    ],
)
def test_the_password_of_a_url_is_masked(url: str, seen: str) -> None:
    assert without_password(url) == seen


@given(st.sets(SECRETS, min_size=1, max_size=5), st.lists(st.text(max_size=10), min_size=1, max_size=5))
def test_no_secret_gets_through(secrets: set[str], around: list[str]) -> None:
    redact = Redactor(secrets)
    said = redact("".join(text + secret for text in around for secret in secrets))
    assert not any(secret in piece for piece in said.split(MASK) for secret in secrets)


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert Redactor(["pass", "password"])("my password") == f"my {MASK}"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abcdefghijklmnop", MASK),
        ("x abcdefgh y", f"x {MASK} y"),
        ("abcdefghabcdefgh", f"{MASK}{MASK}"),
        ("ghijklmnop!", f"{MASK}!"),
        ("nothing here", "nothing here"),
    ],
)
def test_secrets_that_overlap_leave_no_tail(text: str, seen: str) -> None:
    assert Redactor(["abcdefgh", "ghijklmnop"])(text) == seen


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("secret", ["hunter2", 'p@ss w"rd/ü+%', "Zürich 8001", "two\nlines\\"])
def test_a_secret_is_masked_however_it_is_spelt(secret: str, before: str) -> None:
    redact = Redactor([secret])
    coded = b64encode(f"{before}{secret}{before}".encode()).decode()
    for spelt in (quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]):
        assert redact(f"{before}{spelt}{before}") == f"{before}{MASK}{before}"
    told = redact(f"Basic {coded}").removeprefix("Basic ")
    assert MASK in told
    assert (
        len(told.replace(MASK, "")) <= 2 * len(before) * 4 / 3 + 8
    )  # what shares a byte with its neighbours


def test_what_chance_makes_of_a_short_secret_is_left_alone() -> None:
    assert Redactor(["abcd"])("YWJj") == "YWJj"


def test_short_secrets_are_not_hunted() -> None:
    redact = Redactor(["80", ""])
    assert not redact
    assert redact("port 80") == "port 80"


@pytest.mark.parametrize(
    "said",
    [
        "login with s3cr/et failed",
        "login with s3cr%2Fet failed",
        "Basic " + b64encode(b"bob:s3cr/et").decode(),
        "404 for /hooks/T0K3N?key=K3Y9999",
        "the key K3Y9999 is not valid",
    ],
)
def test_the_parts_of_a_secret_url_are_masked_alone(said: str) -> None:
    seen = Redactor(["https://bob:s3cr%2Fet@db.example/hooks/T0K3N?key=K3Y9999#top"])(said)
    assert MASK in seen
    assert not any(part in seen for part in ("s3cr", "T0K3N", "K3Y9999", "czNjci9l"))


def test_the_rest_of_a_message_about_a_secret_url_stays() -> None:
    redact = Redactor(["https://db.example/", "tcp://db.example:5432"])
    assert redact("db.example: connection refused (/)") == "db.example: connection refused (/)"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("hunter2#rest", "GET /?key=hunter2 HTTP/1.1"),
        ("InternalHost", "internalhost.example does not resolve"),
        ("p<\"&'9", "the token p&lt;&quot;&amp;&#x27;9 is wrong"),
        ("p<\"&'9", "the token p&lt;&#34;&amp;&#39;9 is wrong"),
        ("p<\"&'9", "the token p&lt;\"&amp;'9 is wrong"),
        ("Zürich8001", "the token ZÃ¼rich8001 is wrong"),
    ],
)
def test_a_secret_is_masked_as_servers_quote_it(secret: str, said: str) -> None:
    assert MASK in Redactor([secret])(said)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (" hunter2 ", "the token hunter2 is wrong"),
        ("two\n lines\t of it", "the token two lines of it is wrong"),
        ("hunter\x1b2", "the token hunter␛2 is wrong"),
        ("it's \\ a", repr("the token it's \\ a is wrong")),
        ("it's \\ \"a", repr("the token it's \\ \"a is wrong")),
        ("100%41pct", "GET /?100Apct"),
        ("-----BEGIN KEY-----\nMC4CAQAwBQYDK2Vw\n-----END KEY-----\n", "the key MC4CAQAwBQYDK2Vw is wrong"),
    ],
)
def test_a_secret_is_masked_as_messages_and_servers_change_it(secret: str, said: str) -> None:
    seen = Redactor([secret])(said)
    assert MASK in seen
    assert not any(part in seen for part in ("hunter", "lines", "it's", "100", "MC4C"))


@pytest.mark.parametrize("length", range(4, 24))
def test_the_beginning_of_a_secret_that_was_cut_is_masked(length: int) -> None:
    secret = "hunter2" * 4
    redact = Redactor([secret, "unrelated"])
    assert redact(plain(f"moved to {secret}", 9 + length + 1)) == f"moved to {MASK}…"
    assert redact(f"{plain(f'moved to {secret}', 9 + length + 1)!r}, twice") == f"'moved to {MASK}…', twice"
    assert redact(f"{'x' * 1000} {secret[:length]}") == f"{'x' * 1000} {MASK}"


def test_ellipses_and_beginnings_without_end_take_no_time() -> None:
    redact = Redactor([f"secret-{number}" * 4 for number in range(50)])
    begun = time.process_time()
    for text in ("…" * 4096, "secr" * 1024, "secr…" * 800):
        redact(text)
    assert time.process_time() - begun < 1


def test_a_secret_of_many_lines_costs_little() -> None:
    redact = Redactor(["\n".join(f"line {number} of a long file" for number in range(20_000))])
    assert redact("line 42 of a long file is wrong") == f"{MASK} is wrong"
    begun = time.process_time()
    for _ in range(10):
        redact("x" * 900)
    assert time.process_time() - begun < 1


def test_words_that_only_begin_like_a_secret_stay() -> None:
    redact = Redactor(["hunter2hunter2"])
    for text in ("the hunter", "the hunted… hunter"):
        assert redact(text) == text


def test_a_short_word_before_a_number_sign_is_left_alone() -> None:
    assert Redactor(["http#hunter2"])("http is spoken") == "http is spoken"
