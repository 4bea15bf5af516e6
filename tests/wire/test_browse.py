"""What becomes of a request when it is redirected."""

from http.cookiejar import CookieJar

import pytest

from monitor.wire.browse import _take_cookies, redirected
from monitor.wire.messages import Request
from monitor.wire.urls import parse


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
    ],
)
def test_the_method_changes_as_in_browsers(status: int, method: str, then: str) -> None:
    headers = (("Content-Type", "a/b"), ("X", "y"))
    request = Request(method=method, url=parse("http://x/"), headers=headers, body=b"z")
    following = redirected(request, status, parse("http://x/2"))
    assert following.method == then
    assert following.body == (b"z" if method == then and method != "HEAD" else following.body)
    assert ("Content-Type" in dict(following.headers)) == (method == then)


@pytest.mark.parametrize(
    ("target", "kept"),
    [("http://x/2", True), ("https://x/2", False), ("http://x:81/2", False), ("http://y/2", False)],
)
def test_credentials_go_to_their_origin_only(target: str, kept: bool) -> None:
    headers = (("Authorization", "a"), ("Cookie", "b"), ("Host", "c"))
    request = Request(method="GET", url=parse("http://x/"), headers=headers)
    assert redirected(request, 302, parse(target)).headers == (headers if kept else ())


def test_a_cookie_whose_date_is_nonsense_makes_no_noise(recwarn: pytest.WarningsRecorder) -> None:
    jar = CookieJar()
    _take_cookies(jar, parse("http://shop.example/"), [f"a=b; expires=1-Jan-{'1' * 8000}", "c=d"])
    assert len(jar) <= 2
    assert not recwarn.list
