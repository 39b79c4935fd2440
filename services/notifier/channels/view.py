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
_AUTHORS: Final = 5


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
    }


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
