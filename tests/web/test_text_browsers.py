"""A text browser shows what the markup says, without styles: what stands side by side is apart in the markup."""

import re
from typing import Final

import httpx
import pytest

from tests.web.reader import Reader

GLUED: Final = re.compile(
    r"\w</(?:a|abbr|button|code|small|span|text|time)><(?:a|abbr|button|code|small|span|text|time)\b[^>]*>\w"
)
PAGES: Final = (
    "/",
    "/?month=2024-01",
    "/search?q=cranes",
    "/papers/arXiv:2401.00020",
    "/authors/Ada%20Origami",
    "/status",
    "/map",
    "/docs",
    "/docs/plain",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_two_words_are_glued_together(site: str, path: str) -> None:
    assert GLUED.findall(httpx.get(site + path).raise_for_status().text) == []


def test_nor_on_the_pages_of_subscribers(reader: Reader) -> None:
    texts = [
        httpx.get(reader.url + path, auth=("any", reader.key), follow_redirects=True).text
        for path in reader.pages.values()
    ]
    assert [GLUED.findall(text) for text in texts] == [[] for _ in texts]
