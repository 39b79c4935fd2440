"""An alert as templates see it: what it holds, and some of it said in words."""

from typing import Any, Final

from services.notifier.channels import escaping

Event = dict[str, Any]
_HEADINGS: Final = {
    "new": "New paper",
    "revised": "Revised",
    "withdrawn": "Withdrawn",
    "published": "Published",
    "code_added": "Code added",
    "signals": "Noticed",
    "trending": "Trending",
}
_ACTIONS: Final = {
    "more": "More like this",
    "less": "Not this",
    "mute": "Mute an author",
    "pause": "Pause",
    "manage": "Manage",
}
_AUTHORS: Final = 5
_LINK: Final = 500
"""Characters of a feedback link at most: longer ones, of strange ids, would crowd a message out."""


def view(event: Event) -> dict[str, Any]:
    """Give the variables of a template: the event as a webhook carries it, and lines made of it."""
    data = event["data"]
    paper = data["paper"]
    return {
        "event": event,
        "subscription": data["subscription"],
        "paper": paper,
        "match": data["match"],
        "heading": _HEADINGS.get(event["type"].partition(".")[2], "Paper"),
        "title": escaping.flat(paper["title"]),
        "url": address(paper),
        "authors": authors([author["name"] for author in paper["authors"]]),
        "abstract": escaping.flat(paper["abstract"]),
        "categories": ", ".join(paper["categories"]),
        "reasons": "; ".join(data["match"]["reasons"]),
        "actions": actions(data.get("links", {})),
    }


def actions(links: dict[str, str]) -> list[dict[str, str]]:
    """Name the links of feedback, each with `label` and `url`."""
    safe = {kind: escaping.link(links.get(kind)) for kind in _ACTIONS}
    return [{"label": _ACTIONS[kind], "url": url} for kind, url in safe.items() if url and len(url) <= _LINK]


def address(paper: dict[str, Any]) -> str:
    """Give where to read a paper: its own page, else what its DOI or arXiv id leads to, else nothing."""
    ids = paper["identifiers"]
    known = (
        paper["links"]["abs"],
        f"https://arxiv.org/abs/{ids['arxiv']}" if ids.get("arxiv") else None,
        f"https://doi.org/{ids['doi']}" if ids.get("doi") else None,
        *[source["url"] for source in paper["sources"]],
        paper["links"]["pdf"],
    )
    return next((safe for one in known if (safe := escaping.link(one))), "")


def authors(names: list[str]) -> str:
    """Name the first authors, and say how many more there are."""
    listed = ", ".join(escaping.flat(name) for name in names[:_AUTHORS])
    more = len(names) - _AUTHORS
    return f"{listed} and {more} more" if more > 0 else listed
