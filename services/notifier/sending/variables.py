"""The variables of a template: the event as a webhook carries it, and lines of text made from it."""

from typing import Any, Final

from services.notifier.matching.reasons import why
from services.notifier.sending import escaping
from shared.papers.happenings import sample_title
from shared.papers.lead import counters, lead, people

Event = dict[str, Any]
_HEADINGS: Final = {
    "new": "New paper",
    "revised": "Revised",
    "withdrawn": "Withdrawn",
    "restored": "No longer withdrawn",
    "published": "Published",
    "code_added": "Code added",
    "signals": "New signals",
    "trending": "Trending",
}
_ACTIONS: Final = {
    "more": "More like this",
    "less": "Not this",
    "mute": "Mute an author",
    "pause": "Pause",
    "manage": "Manage",
}
UNTITLED: Final = "(untitled)"
_MAX_AUTHORS: Final = 5
_MAX_SUMMARY, _MAX_ENTRY_GIST = 1_000, 300
"""Characters of an abstract without a gist: in an alert, and in each entry of a digest."""
_MAX_ENTRIES, _MAX_ENTRY_LINK = 8, 200
"""Papers of a digest that a chat shows, and the characters of the link of each: all fit in one message."""
_MAX_LINK: Final = 500
"""Characters of a feedback link: a longer one, of an unusual id, is left out so that the message fits its limits."""


def view(event: Event) -> dict[str, Any]:
    """Return the variables of a template.

    `summary` is the TLDR of the paper, where a provider wrote one, else its gist, else the beginning of its abstract. A
    digest has `entries`, each with `heading, title, url, authors, gist, counters, also`, and no paper of its own. The
    gist of an entry begins with the papers of the same series that are told under it; `also` is how many these are.
    """
    data = event["data"]
    shared = {"event": event, "subscription": data["subscription"], "actions": actions(data.get("links", {}))}
    return shared | (_of_digest(data) if event["type"] == "digest" else _of_alert(event["type"], data))


def _of_alert(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    paper = data["paper"]
    return {
        "entries": [],
        "paper": paper,
        "match": data["match"],
        "heading": _heading(kind),
        "title": escaping.flat(sample_title(paper)) or UNTITLED,
        "url": address(paper),
        "authors": people([author["name"] for author in paper["authors"]], _MAX_AUTHORS),
        "abstract": escaping.flat(paper["abstract"]),
        "summary": lead(paper, _MAX_SUMMARY),
        "counters": counters(paper),
        "categories": ", ".join(paper["categories"]),
        "reasons": "; ".join(why(data["match"]["reasons"])),
    }


def _of_digest(data: dict[str, Any]) -> dict[str, Any]:
    told = [1 + len(one.get("also", ())) for one in data["alerts"]]
    number = sum(told) + data["more"]
    hidden = number - sum(told[:_MAX_ENTRIES])
    note = escaping.flat(data["note"] or "")
    return {
        "entries": [
            {
                "heading": _heading(one["type"]),
                "title": escaping.flat(sample_title(one["paper"])) or UNTITLED,
                "url": _short(address(one["paper"])),
                "authors": people([author["name"] for author in one["paper"]["authors"]], _MAX_AUTHORS),
                "gist": " ".join(filter(None, (series(one), lead(one["paper"], _MAX_ENTRY_GIST)))),
                "counters": counters(one["paper"]),
                "also": len(one.get("also", ())),
            }
            for one in data["alerts"][:_MAX_ENTRIES]
        ],
        "heading": "Digest",
        "title": f"{number} paper{'s' if number != 1 else ''} of interest",
        "url": "",
        "authors": "",
        "abstract": note,
        "summary": note,
        "counters": "",
        "categories": "",
        "reasons": f"and {hidden} more" if hidden else "",
    }


def series(entry: dict[str, Any]) -> str:
    """Return the sentence that names the papers told under an entry of a digest; nothing without them."""
    titles = [f"“{escaping.flat(one['title']) or UNTITLED}”" for one in entry.get("also", ())]
    return f"With {len(titles):,} more of the same series: {', '.join(titles)}." if titles else ""


def _heading(kind: str) -> str:
    return _HEADINGS.get(kind.partition(".")[2], "Paper")


def _short(url: str) -> str:
    return url if len(url) <= _MAX_ENTRY_LINK else ""


def actions(links: dict[str, str]) -> list[dict[str, str]]:
    """Return the links of feedback, each with `label` and `url`."""
    safe = {kind: escaping.link(links.get(kind)) for kind in _ACTIONS}
    return [{"label": _ACTIONS[kind], "url": url} for kind, url in safe.items() if url and len(url) <= _MAX_LINK]


def address(paper: dict[str, Any]) -> str:
    """Return the address of a paper: its page, else that of its arXiv id or DOI, else a source, else nothing."""
    ids = paper["identifiers"]
    known = (
        paper["links"]["abs"],
        f"https://arxiv.org/abs/{ids['arxiv']}" if ids.get("arxiv") else None,
        f"https://doi.org/{ids['doi']}" if ids.get("doi") else None,
        *[source["url"] for source in paper["sources"]],
        paper["links"]["pdf"],
    )
    return next((safe for one in known if (safe := escaping.link(one))), "")
