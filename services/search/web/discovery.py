"""What search engines, browsers and researchers of security read about a site. Pure.

`site` is the address of the instance; the texts name no page that is private or has a signed address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from shared.papers.paths import paper_path

MAX_PAPERS: Final = 5_000
"""Papers of one day in its sitemap; the format allows 50,000."""
SUGGESTIONS: Final = "application/x-suggestions+json"
"""The media type of suggestions: a list of what was typed, and a list of completions."""
_PRIVATE: Final = ("/f/", "/feeds/private/", "/my/", "/outbox", "/v1/", "/*cursor=")
"""Paths that are not to be listed: those of one reader, those for programs, and the further pages of lists."""
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAPS: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPENSEARCH: Final = "http://a9.com/-/spec/opensearch/1.1/"


@dataclass(frozen=True, slots=True)
class Entry:
    """An address of a sitemap; `changed` is a date of ISO 8601, or None where it is unknown."""

    address: str
    changed: str | None = None


def robots(site: str) -> str:
    """Write robots.txt."""
    base = urlsplit(site).path
    refused = [f"Disallow: {base}{path}" for path in _PRIVATE]
    return "\n".join(["User-agent: *", *refused, "", f"Sitemap: {site}/sitemap.xml", ""])


def security(site: str, contact: str, expires: datetime) -> str:
    """Write security.txt (RFC 9116)."""
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {site}/.well-known/security.txt",
    ]
    return "\n".join([*lines, ""])


def opensearch(site: str, version: str) -> str:
    """Write the description by which a browser adds the search of the site."""
    return (
        f'{_HEAD}<OpenSearchDescription xmlns="{_OPENSEARCH}">\n'
        "<ShortName>Paperwire</ShortName>\n"
        "<Description>Search research papers by meaning and words</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Image width="32" height="32" type="image/x-icon">{escape(site)}/favicon.ico?v={version}</Image>\n'
        f'<Url type="text/html" method="get" template="{escape(site)}/search?q={{searchTerms}}"/>\n'
        f'<Url type="{SUGGESTIONS}" template="{escape(site)}/opensearch/suggest?q={{searchTerms}}"/>\n'
        f'<Url type="application/atom+xml" template="{escape(site)}/feeds/search.atom?q={{searchTerms}}"/>\n'
        f'<Url type="application/opensearchdescription+xml" rel="self" template="{escape(site)}/opensearch.xml"/>\n'
        "</OpenSearchDescription>\n"
    )


def sitemap_index(site: str, days: Iterable[date]) -> str:
    """Write the list of sitemaps: the lasting pages, and the papers of each day."""
    names = ["pages", *(day.isoformat() for day in days)]
    rows = [f"<sitemap><loc>{escape(site)}/sitemaps/{name}.xml</loc></sitemap>" for name in names]
    return "\n".join([f'{_HEAD}<sitemapindex xmlns="{_SITEMAPS}">', *rows, "</sitemapindex>", ""])


def sitemap(entries: Iterable[Entry]) -> str:
    """Write a sitemap."""
    rows = [
        f"<url><loc>{escape(entry.address)}</loc>"
        + (f"<lastmod>{escape(entry.changed)}</lastmod>" if entry.changed else "")
        + "</url>"
        for entry in entries
    ]
    return "\n".join([f'{_HEAD}<urlset xmlns="{_SITEMAPS}">', *rows, "</urlset>", ""])


def entries_of_day(site: str, day: date, papers: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Return the page of a day, which changed with the last of its papers, and these papers."""
    rows = [Entry(site + paper_path(paper["id"]), paper.get("updated") or paper.get("published")) for paper in papers]
    changed = max((row.changed[:10] for row in rows if row.changed), default=day.isoformat())
    return [Entry(f"{site}/?date={day}", changed), *rows]
