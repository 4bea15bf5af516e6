"""A pasted curl command as the texts of a form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.tui.data.curl_command import parse

FORM = '{ "Content-Type" = "application/x-www-form-urlencoded" }'
COMMANDS = [
    ("curl https://shop.example/", {"url": "https://shop.example/"}),
    ("curl shop.example", {"url": "http://shop.example"}),
    ("curl -sSL -X delete 'https://a/b?c=d&e'", {"method": "DELETE", "url": "https://a/b?c=d&e"}),
    ("curl -I https://a/", {"method": "HEAD", "url": "https://a/"}),
    ("curl -XPUT https://a/", {"method": "PUT", "url": "https://a/"}),
    ("curl --request=PUT --url https://a/", {"method": "PUT", "url": "https://a/"}),
    ("curl -k -m 3 https://a/", {"tls": "{ verify = false }", "timeout": "3s", "url": "https://a/"}),
    ("curl -u ann:p:w https://a/", {"auth": '{ basic = ["ann", "p:w"] }', "url": "https://a/"}),
    ("curl -x proxy:3128 https://a/", {"proxy": "http://proxy:3128", "url": "https://a/"}),
    (
        "curl -d a=1 -d b=2 https://a/",
        {"method": "POST", "body": "a=1&b=2", "headers": FORM, "url": "https://a/"},
    ),
    (
        """curl 'https://a/api' \\
  -H 'accept: application/json' \\
  -H 'x-team: "shop"' \\
  --data-raw '{"q":1}' --compressed""",
        {
            "url": "https://a/api",
            "method": "POST",
            "body": '{"q":1}',
            "headers": '{ "accept" = "application/json", "x-team" = "\\"shop\\"", '
            '"Content-Type" = "application/x-www-form-urlencoded" }',
        },
    ),
    (
        "curl -A probe/1 -b sid=5 -o /dev/null -w '%{http_code}' https://a/",
        {"headers": '{ "User-Agent" = "probe/1", "Cookie" = "sid=5" }', "url": "https://a/"},
    ),
]


@pytest.mark.parametrize(("text", "texts"), COMMANDS)
def test_a_command_becomes_the_texts_of_a_form(text, texts):
    command = parse(text)
    assert (command.texts, command.left_out) == (texts, [])


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("curl --resolve a:443:1.2.3.4 https://a/", ["--resolve"]),
        ("curl -d @file https://a/", ["--data"]),
        ("curl -F a=b --http3 -Z https://a/", ["--form", "--http3", "-Z"]),
    ],
)
def test_options_that_a_check_does_not_have_are_named(text, left_out):
    command = parse(text)
    assert (command.texts, command.left_out) == ({"url": "https://a/"}, left_out)


@pytest.mark.parametrize("text", ["", "curl", "curl -v", "wget https://a/", "curl 'https://a/", "https://a/"])
def test_anything_else_is_no_command(text):
    assert parse(text) is None


@given(
    st.lists(st.sampled_from(["curl", "-H", "-d", "-sS", "-X", "--", "-", "=", "a:b", "'", "\\\n", "é\x1b"]))
)
def test_nothing_pasted_breaks_it(words):
    parse(" ".join(["curl", *words]))
