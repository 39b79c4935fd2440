"""Strings from outside, made fit to be stored."""

import pytest

from services.fetcher.sources.fields import bare_url, fit, http_url, moment
from shared.papers.bounds import MAX_URL


@pytest.mark.parametrize(
    ("text", "written"),
    (
        ("2024-01-02", "2024-01-02"),
        (" 2024-1-2 ", "2024-01-02"),
        ("2024", "2024"),
        ("2024-00-00", "2024"),
        ("2024-03", "2024-03"),
        ("2024-3-0", "2024-03"),
        ("2024/03/05", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("Mar. 5, 2024", "2024-03-05"),
        ("2024 Mar 5", "2024-03-05"),
        ("Sept 2024", "2024-09"),
        ("Spring 2024", "2024"),
        ("Mar/Apr 2024", "2024"),
        ("2024 Nov-Dec", "2024"),
        ("2024-Q3", "2024"),
        ("2024年3月5日", "2024-03-05"),
        ("2024-01-02T08:00:00Z", "2024-01-02T08:00:00Z"),
        ("2024-01-02T08:00:00.123456", "2024-01-02T08:00:00Z"),
        ("2024-01-02T08:00:00+02:00", "2024-01-02T06:00:00Z"),
        ("1500-01-01", "1500-01-01"),
        ("2200-12-31", "2200-12-31"),
    ),
)
def test_the_date_forms_of_all_sources_are_parsed_and_what_is_unknown_stays_so(text: str, written: str) -> None:
    assert moment(text) == written


@pytest.mark.parametrize(
    "text",
    ("", "yesterday", "0000-01-01", "0001-01-01", "1499-12-31", "2201-01-01", "9999-12-31T23:00:00-14:00",
     "0001-01-01T00:00:00+14:00", "2024-13-01", "2024-02-30", "2024-01-02T25:00:00", "-1", "NA", "99999-01-01",
     "2024-13", "2024-1-2-3", "31 February 2024", "Sprig 2024", "1709622000", "Marember 2024", "ma 2024"),
)  # fmt: skip
def test_an_implausible_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its text is the calendar's, or ours: only the kind matters
        moment(text)


def test_fit_drops_what_cannot_be_stored() -> None:
    assert fit("a\x00b\x1b[31m\x7f\ud800c\n\td é 中") == "ab[31mc\n\td é 中"


@pytest.mark.parametrize("url", ("http://x", "https://x.example/a?b=1#c", "HTTPS://x.example", "https://[2606::1]/"))
def test_http_addresses_are_kept(url: str) -> None:
    assert http_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    ("", "https://", "https:///path", "http:x", "javascript:alert(1)", "data:text/html,x", "ftp://x", "//x.example", "httpx://y",
     "https://x.example/a b", "https://x.example/a\nb", "https://x.example/" + "a" * MAX_URL),
)  # fmt: skip
def test_other_addresses_are_dropped(url: str) -> None:
    assert http_url(url) is None


@pytest.mark.parametrize(
    ("url", "bare"),
    (
        ("https://x.example/feed", "https://x.example/feed"),
        ("https://me:pass@x.example:8443/a@b?token=t#top", "https://x.example:8443/a@b"),
        ("https://me@x.example?token=t", "https://x.example"),
        ("https://x.example/a#b?c@d", "https://x.example/a"),
        ("http://me:p@[::1", "http://[::1"),
    ),
)
def test_credentials_are_removed_from_an_address(url: str, bare: str) -> None:
    assert bare_url(url) == bare
