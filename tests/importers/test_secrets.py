"""Secrets are found, named, and taken out."""

from __future__ import annotations

import pytest

from monitor.importers._secrets import Secrets, is_secret_name, placeholder, variable_name

SECRET = "password api_key X-Api-Key apiKey token accessToken Authorization Cookie client-secret"
SECRET += " basic_auth_pass pwd radiuspassword X-Auth-Token sig key signature jwt"
PLAIN = "name url Content-Type Accept author keyword tokenizer_name page monkey X-Request-Id authority"


@pytest.mark.parametrize("name", SECRET.split())
def test_a_name_that_holds_a_secret_is_known(name: str):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", PLAIN.split())
def test_other_names_are_not(name: str):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("Shop API", "token"), "SHOP_API_TOKEN"),
        (("9 lives",), "X_9_LIVES"),
        (("ä",), "X"),
        (("a" * 99,), "A" * 60),
    ],
)
def test_a_variable_is_named_after_what_it_is_for(words: tuple[str, ...], name: str):
    assert variable_name(*words) == name


def test_the_same_secret_has_one_name_and_others_have_others():
    secrets = Secrets()
    names = [secrets.hide(value, "w", "a", "token") for value in ("one", "two", "one")]
    assert names == [placeholder("A_TOKEN"), placeholder("A_TOKEN_2"), placeholder("A_TOKEN")]
    assert list(secrets.needed) == ["A_TOKEN", "A_TOKEN_2"]


URLS = {
    "https://u:p%40ss@a/": "https://u:${N_PASSWORD}@a/",
    "https://a/?token=x&page=2": "https://a/?token=${N_TOKEN}&page=2",
    "https://sixteen-or-more-signs@a/": "https://${N_USER}@a/",
    "https://user@a/": "https://user@a/",
    "redis://:secret@a:6379": "redis://:${N_PASSWORD}@a:6379",
    "https://a/x?q=1#f": "https://a/x?q=1#f",
}


@pytest.mark.parametrize(("given", "wanted"), URLS.items())
def test_a_url_loses_its_secrets(given: str, wanted: str):
    secrets = Secrets()
    assert secrets.redact(secrets.in_url(given, "n")) == wanted


BODIES = {
    '{"user": "u", "password": "p\\"x"}': '{"user": "u", "password": "${N_PASSWORD}"}',
    "user=u&password=p": "user=u&password=${N_PASSWORD}",
    "PING\r\n": "PING\r\n",
}


@pytest.mark.parametrize(("given", "wanted"), BODIES.items())
def test_a_body_loses_its_secrets(given: str, wanted: str):
    secrets = Secrets()
    assert secrets.redact(secrets.in_body(given, "n")) == wanted


def test_a_header_keeps_the_scheme_of_its_credentials():
    secrets = Secrets()
    assert secrets.redact(secrets.in_header("Authorization", "Basic dTpw", "n")) == "Basic ${N_AUTHORIZATION}"
    assert secrets.in_header("Accept", "Basic dTpw", "n") == "Basic dTpw"


def test_a_short_secret_does_not_garble_texts():
    secrets = Secrets()
    secrets.hide("a", "w", "n")
    assert secrets.redact("a banana") == "a banana"
