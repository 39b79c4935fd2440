"""What happened to a paper, in sentences for readers of feeds and pages. Pure.

The sentences are made from the names of the kinds of changes, so that a further kind needs nothing here.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shared.moments import parse_moment

Paper = Mapping[str, Any]
"""A paper as the index and the events hold it: the JSON of `shared.papers.paper.Paper`."""
MAX_SENTENCES: Final = 5
_WITHDRAWN: Final = "withdrawn"
_DIGEST: Final = re.compile(r"[0-9a-f]{24}")
"""The version of a revision whose source has no numbers: it tells readers nothing."""
_SAYS_SO: Final = re.compile(r"\W*(?:withdrawn|retracted|retraction)\b", re.IGNORECASE)


def happened(paper: Paper) -> list[str]:
    """Return what happened to a paper since it was first seen: a sentence for each kind of change, the newest first."""
    told: dict[str, str] = {}
    for event in reversed(paper.get("life") or ()):
        told.setdefault(str(event["kind"]), sentence(event))
    if paper.get("status") == _WITHDRAWN and _WITHDRAWN not in told:
        told = {_WITHDRAWN: "Withdrawn.", **told}
    return list(told.values())[:MAX_SENTENCES]


def sentence(event: Mapping[str, Any]) -> str:
    """Return an event in the life of a paper as a sentence, such as "Revised on 3 March 2026 (v2; title)."."""
    at = parse_moment(event["at"])
    words = f"{str(event['kind']).replace('_', ' ').capitalize()} on {at.day} {at:%B %Y}"
    details = [version_of(event), ", ".join(event.get("fields") or ())]
    told = "; ".join(filter(None, details))
    return f"{words} ({told})." if told else f"{words}."


def last_change(paper: Paper) -> datetime | None:
    """Return when something happened to a paper last; None if nothing did."""
    return max((parse_moment(event["at"]) for event in paper.get("life") or ()), default=None)


def sample_title(paper: Paper) -> str:
    """Return the title of a paper, which begins with the word if it is a sample paper."""
    return f"Sample: {paper['title']}" if paper.get("sample") else str(paper["title"])


def marked_title(paper: Paper) -> str:
    """Return the title of a paper, which begins with the word if it was withdrawn, or is a sample paper."""
    title = sample_title(paper)
    return f"Withdrawn: {title}" if paper.get("status") == _WITHDRAWN and not _SAYS_SO.match(title) else title


def version_of(event: Mapping[str, Any]) -> str:
    """Return what an event in the life of a paper led to, such as v2, a journal or a repository; "" if unknown."""
    version = " ".join(str(event.get("version") or "").split())
    if _DIGEST.fullmatch(version):
        return ""
    return f"v{version}" if version.isdecimal() else version
