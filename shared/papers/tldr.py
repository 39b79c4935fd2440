"""The summary of a paper as readers see it: in their language, with the name of its source. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.papers.names import provider_name
from shared.papers.paper import MAX_TLDR


class Summary(NamedTuple):
    """A summary with its source; `language` is ISO 639-1, or None if it is not known."""

    text: str
    source: str
    language: str | None


def summary_of(paper: Mapping[str, Any], languages: Sequence[str] = ()) -> Summary | None:
    """Return the summary of a paper in the first of the languages that it has, else as it was written first."""
    found = paper.get("tldr")
    if not found:
        return None
    own = found.get("language")
    texts = {**(found.get("translations") or {}), **({own: found["text"]} if own else {})}
    code = next((code for code in languages if code in texts), own)
    text = " ".join(texts.get(code, found["text"]).split())[:MAX_TLDR]
    return Summary(text, tldr_source(found), code)


def tldr_source(tldr: Mapping[str, Any]) -> str:
    """Return the name of who wrote a summary: a provider, or the language model of the operator."""
    return f"{tldr['model']} (language model)" if tldr.get("model") else provider_name(tldr["source"])


def tldr_line(paper: Mapping[str, Any]) -> str:
    """Return the summary of a paper in an alert, marked as its source's, or nothing."""
    found = summary_of(paper)
    return f"TLDR by {found.source}: {found.text}" if found else ""


def tldr_in(tldr: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a summary with its text in a language, if it has one; its other texts are left out."""
    texts = {**(tldr.get("translations") or {}), tldr.get("language"): tldr["text"]}
    code = language if language in texts else tldr.get("language")
    return {**tldr, "text": texts[code], "language": code, "translations": {}}
