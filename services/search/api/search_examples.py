"""Examples of the operations of search, by their names in the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final

from shared.export.example_files import example_files
from shared.export.paper_example import PAPER
from shared.http.examples import Example
from shared.papers.feeds import Feed, Format, write

_ID: Final = PAPER["id"]
_AUTHOR: Final = PAPER["authors"][1]["name"]
_QUERY: Final = "code generation by reinforcement learning"
_LISTED: Final[dict[str, Any]] = {"score": None, "paper": PAPER, "duplicates": []}
_LIST: Final = {"results": [_LISTED], "next_cursor": None}
_FOUND: Final = {
    **_LISTED,
    "score": 0.91,
    "highlights": [{"field": "title", "text": PAPER["title"], "marks": [[18, 22], [23, 33]]}],
}
_READINGS: Final = [
    {"at": "2022-07-06T08:00:00Z", "signals": {"upvotes": 2}},
    {"at": "2022-07-07T08:00:00Z", "signals": {"upvotes": 12}},
]
_TREND: Final = {
    "key": 19_180.4,
    "strength": 2.5,
    "field": "cs",
    "since": "2022-07-06T08:00:00Z",
    "components": [{"signal": "upvotes", "value": 12, "growth": 1.46, "score": 2.5, "weight": 1.0}],
}
_STATUS: Final = {
    "papers": 64_213,
    "streams": [{"stream": "papers.fetched.v1", "group": "enricher", "waiting": 12, "pending": 3, "dead": 0}],
    "sources": [{"name": "arxiv", "type": "arxiv_rss", "enabled": True, "state": "ok", "items": 1204}],
    "providers": [{"name": "crossref", "state": "ok", "quota": 50, "quota_left": 41, "due": 7}],
    "ledger": [
        {
            "source": "arxiv",
            "category": "cs.LG",
            "day": "2022-07-05",
            "received": 214,
            "missing": 0,
            "state": "complete",
        }
    ],
    "disk": None,
    "mail": None,
}
_EXPLAINED: Final = {
    "query": _QUERY,
    "paper": {"id": _ID, "title": PAPER["title"]},
    "verdict": "Its semantic score is 0.62, and it has 2 of 4 words (code, generation); search ranks by both.",
    "semantic": 0.62,
    "words": [{"word": "code", "weight": 1.38}, {"word": "generation", "weight": 1.21}],
    "phrases": [],
    "conditions": [],
}
_OPML: Final = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head><title>Paperwire</title></head>
<body>
<outline type="rss" text="Newest papers" xmlUrl="https://papers.example.org/feeds/search.atom"/>
</body>
</opml>
"""


def _feed(form: Format, path: str) -> Any:  # noqa: ANN401  # text or JSON
    site = "https://papers.example.org"
    feed = Feed("Paperwire", f"{site}/feeds/{path}.{form}", f"{site}/", site, [PAPER])
    return write(feed, form).decode()


def _feeds(name: str, path: str, parameters: Mapping[str, Any]) -> dict[str, Example]:
    """Return the examples of a list as Atom and as JSON Feed."""
    item = {
        "id": "https://papers.example.org/papers/arXiv:2207.01780",
        "url": "https://papers.example.org/papers/arXiv:2207.01780",
        "title": PAPER["title"],
        "content_text": PAPER["abstract"],
        "date_published": "2022-07-05T00:00:00Z",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Paperwire", "items": [item]}
    return {
        f"{name}_atom": Example(_feed("atom", path), parameters),
        f"{name}_json": Example(feed, parameters),
    }


EXAMPLES: Final[dict[str, Example]] = {
    "search": Example(
        {"query": _QUERY, "mode": "hybrid", "took_ms": 9.4, "notes": [], "results": [_FOUND], "next_cursor": None},
        {"q": _QUERY, "limit": 10, "category": ["cs.LG"], "from": "2022-01-01"},
    ),
    "facets": Example(
        {
            "categories": [{"value": "cs.LG", "count": 120}, {"value": "cs.CL", "count": 64}],
            "authors": [{"value": _AUTHOR, "count": 3}],
            "sources": [{"value": "arxiv", "count": 184}],
            "years": [{"value": 2022, "count": 91}],
            "has_code": [{"value": True, "count": 77}, {"value": False, "count": 107}],
        },
        {"q": _QUERY},
    ),
    "suggest": Example(
        {"suggestions": [{"kind": "author", "text": _AUTHOR, "query": f'author:"{_AUTHOR}"'}]}, {"q": _AUTHOR[:5]}
    ),
    "for_you": Example(
        {
            "results": [{**_LISTED, "reasons": ["similar to “BertNet”, which you liked (53%)"]}],
            "next_cursor": None,
            "liked": 1,
            "days": 14,
        },
        {"like": ["arXiv:2206.14268"], "limit": 10},
    ),
    "recommend": Example(_LIST, body={"positive": [_ID], "negative": ["arXiv:2206.14268"], "limit": 10}),
    "papers": Example(_LIST, {"date": "2022-07-05", "sort": "trending"}),
    "trending": Example(_LIST, {"window": "week", "category": ["cs.LG"]}),
    "status": Example(_STATUS),
    "author": Example(
        {
            **_LIST,
            "name": _AUTHOR,
            "papers": 1,
            "years": [{"value": 2022, "count": 1}],
            "categories": [{"value": "cs.LG", "count": 1}],
            "coauthors": [{"value": "Hung Le", "count": 1}],
        },
        {"name": _AUTHOR},
    ),
    "like_author": Example(_LIST, {"name": _AUTHOR, "limit": 10}),
    "similar": Example({**_LIST, "by": "method", "notes": []}, {"id": "arXiv:2206.14268", "limit": 10, "by": "method"}),
    "trend": Example({"id": _ID, "trend": _TREND, "readings": _READINGS}, {"id": _ID}),
    "citation": Example(parameters={"id": _ID, "format": "bibtex"}, files=example_files()),
    "paper": Example(PAPER, {"id": _ID}),
    "export": Example(parameters={"q": _QUERY, "format": "bibtex"}, files=example_files()),
    "explain": Example(_EXPLAINED, {"q": _QUERY, "paper": _ID}),
    **_feeds("search", "search", {"q": _QUERY}),
    **_feeds("trending", "trending", {"window": "week"}),
    **_feeds("author", "authors/Yue%20Wang", {"name": _AUTHOR}),
    **_feeds("similar", f"papers/{_ID}/similar", {"id": _ID}),
    "opml": Example(_OPML),
    "guide": Example("# Paperwire\n\n> A newswire for research papers: search by meaning and words.\n"),
}
