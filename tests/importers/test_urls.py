"""Lists of URLs in every format that they come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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


def test_a_url_that_is_there_twice_is_noted(convert: Convert):
    result = convert("urls", "https://a.example\nhttps://a.example\n")
    assert len(result.toml["endpoints"]) == 1
    assert "line 2: is there twice" in result.said


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
