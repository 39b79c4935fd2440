"""Semantic Scholar as the one who knows who cites a paper (https://api.semanticscholar.org/api-docs)."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from services.notifier.following.known_citations import MAX_CITING, CitedPaper
from services.notifier.following.place_client import PlaceClient
from services.notifier.following.port import Item, PlaceError, title_in
from services.notifier.following.scholar_author import parse

MAX_COUNT: Final = 10_000_000
"""Citations of one paper; a greater number is no such number."""
_PAPER_ID: Final = re.compile("[0-9a-f]{40}")
_FORMS: Final = {"arXiv:": "ARXIV:", "doi:": "DOI:"}
_UNKNOWN: Final = "Semantic Scholar knows none of the papers of cites."
_UNEXPECTED: Final = "Semantic Scholar sent an answer of an unexpected shape."


class ScholarCitations:
    """Counts and reads the citations of papers. Every method raises PlaceError if Semantic Scholar does not tell."""

    def __init__(self, client: PlaceClient) -> None:
        self._client = client

    async def counted(self, items: Sequence[Item]) -> list[CitedPaper]:
        """Return those of some papers that are known, each once, with the numbers of their citations."""
        names = [name for item in items if (name := scholar_name(item))]
        if not names:
            return []
        refusals = {400: _UNKNOWN}
        fields = {"fields": "title,citationCount"}
        rows = (await self._client.ask("/paper/batch", fields, body={"ids": names}, refusals=refusals)).json
        if not isinstance(rows, list):
            raise PlaceError(_UNEXPECTED)
        found = [paper for row in rows[: len(names)] if (paper := cited_paper(row))]
        if not found:
            raise PlaceError(_UNEXPECTED if any(row is not None for row in rows) else _UNKNOWN)
        return list({paper.key: paper for paper in found}.values())

    async def citing(self, paper: str) -> list[Item]:
        """Return the newest papers that cite the one with this key."""
        fields = {"fields": "externalIds,title,publicationDate,year", "limit": str(MAX_CITING)}
        answer = (await self._client.ask(f"/paper/{quote(paper, safe='')}/citations", fields)).json
        rows = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise PlaceError(_UNEXPECTED)
        items = (parse(row.get("citingPaper")) for row in rows[:MAX_CITING] if isinstance(row, dict))
        return [item for item in items if item and item.is_paper]


def scholar_name(item: Item) -> str | None:
    """Return a name that Semantic Scholar knows a paper by, or None."""
    for kind, form in _FORMS.items():
        for id_ in item.ids:
            if id_.startswith(kind):
                return form + id_.removeprefix(kind)
    return item.key if _PAPER_ID.fullmatch(item.key) else None


def cited_paper(row: Any) -> CitedPaper | None:  # noqa: ANN401  # a stranger's JSON
    """Parse a paper of a batch; None for one that is not known."""
    key, count = (row.get("paperId"), row.get("citationCount")) if isinstance(row, dict) else (None, None)
    if (
        not isinstance(key, str)
        or not _PAPER_ID.fullmatch(key)
        or type(count) is not int
        or not 0 <= count <= MAX_COUNT
    ):
        return None
    return CitedPaper(key=key, title=title_in(row.get("title")) or "without a title", count=count)
