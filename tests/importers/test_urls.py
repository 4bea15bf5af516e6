"""Lists of URLs in every format that they come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError

FILES = Path(__file__).parent / "files"
Convert = Callable[..., Any]

LISTS = {
    "lines": "# mine\nhttps://a.example/\n\n- b.example:8080/x  The second\ntcp://c.example:25\n",
    "CSV": "name,url,group\n,https://a.example/,\nThe second,b.example:8080/x,\n,tcp://c.example:25,\n",
    "semicolons": "URL;Name\nhttps://a.example/;\nb.example:8080/x;The second\ntcp://c.example:25;\n",
    "a sitemap": "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
    "<url><loc>https://a.example/</loc></url><url><loc>b.example:8080/x</loc></url>"
    "<url><loc>tcp://c.example:25</loc></url></urlset>",
    "OPML": "<opml version='2.0'><body><outline text='' xmlUrl='https://a.example/'/>"
    "<outline text='The second' xmlUrl='b.example:8080/x'/><outline xmlUrl='tcp://c.example:25'/></body></opml>",
    "JSON": '["https://a.example/", {"url": "b.example:8080/x", "name": "The second"}, "tcp://c.example:25"]',
}


@pytest.mark.parametrize("given", LISTS.values(), ids=LISTS)
def test_a_list_becomes_endpoints(given: str, convert: Convert):
    made = convert("urls", given).toml["endpoints"]
    assert [one["url"] for one in made] == [
        "https://a.example/",
        "https://b.example:8080/x",
        "tcp://c.example:25",
    ]
    assert [one["name"] for one in made][0::2] == ["a.example", "c.example:25"]


PROSE = {
    "a sentence": "These are the servers of the shop.",
    "an abbreviation": "e.g. the shop",
    "a heading": "Servers:",
    "a number": "1.2 million visitors",
    "a version": "v1.2 was released",
    "a sentence about a host": "example.com, example.org and others",
    "a greeting": "Hello, world",
    "another address": "mailto:me@a.example",
    "a file": "file:///etc/passwd",
    "a command": "exec:reboot",
    "a host that is a template": "https://{{ host }}/",
    "six without brackets": "2001:db8::1",
}


@pytest.mark.parametrize("line", PROSE.values(), ids=PROSE)
def test_a_line_that_is_no_url_is_noted(line: str, convert: Convert):
    result = convert("urls", f"{line}\nhttps://a.example\n")
    assert list(result.endpoints) == ["a.example"]
    assert "line 1: is no URL: " in result.said


ADDRESSES = {
    "router": "https://router",
    "localhost:8080/x": "https://localhost:8080/x",
    "10.0.0.1": "https://10.0.0.1",
    "[2001:db8::1]:8443": "https://[2001:db8::1]:8443",
    "bücher.example": "https://bücher.example",
    "my_host.example/a?b=c,d": "https://my_host.example/a?b=c,d",
    "http://my_host./": "http://my_host./",
    "dns://a.example?type=MX": "dns://a.example?type=MX",
}


@pytest.mark.parametrize(("line", "url"), ADDRESSES.items(), ids=ADDRESSES)
def test_a_line_that_is_an_address_is_an_endpoint(line: str, url: str, convert: Convert):
    assert convert("urls", f"{line}\n").only()["url"] == url


@pytest.mark.parametrize(
    "given", ['["hello world"]', "url\nhello world\n", "<urlset><url><loc>hi all</loc></url></urlset>"]
)
def test_an_entry_that_is_no_url_is_noted_in_every_format(given: str, convert: Convert):
    with pytest.raises(UsageError, match="is no URL"):
        convert("urls", given)


def test_a_url_that_is_there_twice_is_noted(convert: Convert):
    result = convert("urls", "https://a.example\nhttps://a.example\n")
    assert len(result.toml["endpoints"]) == 1
    assert "line 2: is there twice" in result.said


@pytest.mark.parametrize("other", ["a.example", "HTTPS://A.example", "https://a.example/"])
def test_a_url_that_means_the_same_is_there_twice(other: str, convert: Convert):
    assert list(convert("urls", f"https://a.example\n{other}\n").endpoints) == ["a.example"]


@pytest.mark.parametrize(
    "other", ["http://a.example", "https://a.example/A", "https://a.example/?a", "a.example:8443"]
)
def test_a_url_that_differs_is_another_endpoint(other: str, convert: Convert):
    assert len(convert("urls", f"https://a.example/a\n{other}\n").endpoints) == 2


def test_a_line_may_hold_a_comment_brackets_or_several_urls(convert: Convert):
    given = "<https://a.example>\nhttps://b.example # the second\nc.example d.example:25\n"
    assert {name: one["url"] for name, one in convert("urls", given).endpoints.items()} == {
        "a.example": "https://a.example",
        "b.example": "https://b.example",
        "c.example": "https://c.example",
        "d.example:25": "https://d.example:25",
    }


def test_a_secret_in_a_url_is_taken_out(convert: Convert):
    made = convert("urls", "https://u:hunter22@a.example/?api_key=s3cr3t&page=1\n").only()
    assert made["url"] == "https://u:${A_EXAMPLE_PASSWORD}@a.example/?api_key=${A_EXAMPLE_API_KEY}&page=1"
    assert made["name"] == "a.example"


def test_images_of_a_sitemap_are_no_pages(convert: Convert):
    given = (
        "<urlset xmlns:image='i'><url><loc>https://a.example/</loc><priority>1</priority>"
        "<image:image><image:loc>https://a.example/b.png</image:loc></image:image></url></urlset>"
    )
    result = convert("urls", given)
    assert result.only()["url"] == "https://a.example/"
    assert "priority: are hints" in result.said


def test_folders_of_opml_are_groups(convert: Convert):
    given = (
        "<opml><body><outline text='News'><outline text='Tech'><outline text='a' xmlUrl='https://a.example'/>"
        "</outline></outline><outline text='b' xmlUrl='https://b.example'/></body></opml>"
    )
    endpoints = convert("urls", given).endpoints
    assert endpoints["a"]["group"] == "News / Tech"
    assert "group" not in endpoints["b"]


def test_other_columns_are_noted(convert: Convert):
    assert "a: owner: has no counterpart" in convert("urls", "url,name,owner\na.example,a,me\n").said


class TestHar:
    @staticmethod
    def recorded(*requests: tuple[str, int]) -> dict[str, Any]:
        entries = [
            {"request": {"method": "GET", "url": url}, "response": {"status": status}}
            for url, status in requests
        ]
        return {"log": {"entries": entries}}

    def test_an_answer_from_the_browsers_cache_is_not_expected(self, convert: Convert):
        result = convert("urls", self.recorded(("https://a.example/", 304)))
        assert result.only().keys() == {"name", "url", "group"}
        assert "a.example: response.status: 304 came from the browser's cache" in result.said

    def test_repeated_requests_are_counted(self, convert: Convert):
        result = convert("urls", self.recorded(*[("https://a.example/", 200)] * 1001))
        assert list(result.endpoints) == ["a.example"]
        assert "repeated requests are checked once; 1,000 were left out" in result.said

    def test_requests_that_ask_no_server_are_counted(self, convert: Convert):
        local = [("data:text/plain,s3cr3t", 200), ("data:,b", 200), ("blob:https://a.example/1", 200)]
        result = convert("urls", self.recorded(("https://a.example/", 200), *local))
        assert list(result.endpoints) == ["a.example"]
        assert "log.entries: data: asks no server; 2 such requests were left out" in result.said
        assert "log.entries: blob: asks no server; 1 such requests were left out" in result.said
        assert "s3cr3t" not in result.said

    def test_an_address_of_no_server_is_noted(self, convert: Convert):
        result = convert("urls", self.recorded(("https://a.example/", 200), ("gopher://a.example", 200)))
        assert "log.entries[1].request.url: is no address of a server" in result.said

    def test_a_request_is_an_endpoint_that_expects_its_answer(self, convert: Convert):
        endpoints = convert("urls", FILES / "recorded.har").endpoints
        assert list(endpoints) == ["shop.example", "shop.example/old", "cdn.example/a.js"]
        assert endpoints["shop.example/old"]["follow_redirects"] is False
        assert endpoints["shop.example/old"]["expect"] == {"status": 301}

    def test_headers_of_the_browser_stay_behind(self, convert: Convert):
        result = convert("urls", FILES / "recorded.har")
        assert result.endpoints["shop.example"]["headers"] == {
            "Authorization": "Bearer ${SHOP_EXAMPLE_AUTHORIZATION}",
            "X-Shop": "1",
        }
        assert "headers: of the browser's own: Cookie, User-Agent" in result.said

    def test_a_request_that_changes_something_is_a_comment(self, convert: Convert):
        result = convert("urls", FILES / "recorded.har")
        assert "shop.example/buy POST: not carried over: a POST changes something" in result.said
