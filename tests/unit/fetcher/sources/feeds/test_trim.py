"""A feed cut down to what may be parsed."""

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.sources.feeds.trim import MAX_RUN, Trimmed, trimmed
from shared.errors import TransientError
from tests.support import cpu_time


def rss(*items: bytes) -> bytes:
    return b"<rss><channel>" + b"".join(b"<item>" + item + b"</item>" for item in items) + b"</channel></rss>"


def test_an_ordinary_feed_is_left_as_it_is() -> None:
    body = rss(b"<title>One</title>", b"<title>Two</title>")
    assert trimmed(body, 10) == Trimmed(body, 2)


@pytest.mark.parametrize(
    ("root", "entry", "end"),
    (
        (b"<rss><channel>", b"<item>", b"</channel></rss>"),
        (b"<rdf:RDF>", b"<item>", b"</rdf:RDF>"),
        (b"<feed>", b"<entry>", b"</feed>"),
        (b"<atom:feed>", b"<atom:entry>", b"</atom:feed>"),
    ),
)
def test_entries_beyond_the_limit_are_cut(root: bytes, entry: bytes, end: bytes) -> None:
    assert trimmed(root + entry * 9 + end, 2) == Trimmed(root + entry * 2 + end, 9)


@pytest.mark.parametrize("piece", (b"a", "é".encode(), b"&amp;", "文".encode(), b"a &lt;"))
def test_a_long_text_is_cut_at_a_safe_place(piece: bytes) -> None:
    body = trimmed(rss(b"<t><![CDATA[" + piece * MAX_RUN + b"]]></t>"), 10).body
    text = body.partition(b"CDATA[")[2].partition(b"]]></t>")[0]
    assert MAX_RUN - 20 <= len(text) <= MAX_RUN
    assert text == piece * (len(text) // len(piece)) + piece[: len(text) % len(piece)]
    text.decode()
    assert not text.endswith((b"&", b"&a", b"&am", b"&l"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", (b"a &lt;", b"\n", b"<", b"<a", b"&", b"<a ", "文".encode(), b"<!--", b"<item>", b"</a>", b"&#0")
)
def test_time_grows_with_the_length_of_a_document(piece: bytes) -> None:
    """INVARIANT: it does so for any content; a quadratic pattern would take 16 times as long for 4 times the length."""

    def trim(size: int) -> None:
        with suppress(TransientError):
            trimmed(rss(piece * (size // len(piece))), 100)

    short, middle, long = (cpu_time(partial(trim, size)) for size in (250_000, 500_000, 1_000_000))
    assert middle < 6 * short + 0.05
    assert long < 10 * short + 0.05


def test_a_large_document_without_entries_is_refused() -> None:
    with pytest.raises(TransientError, match="has no entry"):
        trimmed(b"<html>" + b"<p>x</p>" * 200_000, 100)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(TransientError, match="nested"):
        trimmed(rss(b"<div>" * 6_000), 100)
    with pytest.raises(TransientError, match="nested"):
        trimmed(rss(b"<div>" * 6_000 + b"</div>" * 6_000), 100)
    trimmed(rss(*(b"<title>One</title><br>" for _ in range(5_000))), 10_000)


@pytest.mark.parametrize(
    ("end", "kept", "told"),
    (
        (b"<item><title>Two</title>", b"", "the feed was cut in it; half an entry is left out"),
        (b"<item><title>Two</ti", b"", "the feed was cut in it; half an entry is left out"),
        (b"<item><title>Two</title></item>", b"<item><title>Two</title></item>", "the feed was cut after it"),
    ),
)
def test_half_an_entry_at_the_end_is_dropped(end: bytes, kept: bytes, told: str) -> None:
    head = b"<rss><channel><item><title>One</title></item>"
    closed = b"" if kept else b"</channel></rss>"
    assert trimmed(head + end, 10) == Trimmed(head + kept + closed, 2, told)
    assert not trimmed(head + end + b"</channel></rss>", 10).cut


@given(st.binary(max_size=2_000))
def test_any_bytes_are_accepted(body: bytes) -> None:
    assert trimmed(body, 10).total >= 0
