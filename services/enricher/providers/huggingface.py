"""Hugging Face: upvotes and comments of a paper, and the models, datasets and spaces that name it."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers, Connection, ask_each
from services.enricher.providers.values import count, counts, record, unexpected
from services.enricher.works.work import Work
from shared.papers.paper import Signals

ID: Final = "huggingface"
_LINKED: Final = {
    "models": ("numTotalModels", "linkedModels"),
    "datasets": ("numTotalDatasets", "linkedDatasets"),
    "spaces": ("numTotalSpaces", "linkedSpaces"),
}


def wants(work: Work) -> bool:
    """Return whether Hugging Face can know a work."""
    return "arxiv" in work.paper.identifiers


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/api/papers/{id}` for each work: there is no way to ask about many."""
    return await ask_each(works, partial(_ask_one, connection))


async def _ask_one(connection: Connection, work: Work) -> Facts:
    answer = await connection.get(f"/api/papers/{work.paper.identifiers['arxiv']}")
    return Facts(provider=ID) if answer is None else parse(answer)


def parse(answer: Any) -> Facts:  # noqa: ANN401  # a stranger's JSON
    """Parse a paper, at the top or under `paper`.

    Raises:
        TransientError: it is none.

    """
    outer = record(answer)
    row = record(outer.get("paper")) or outer
    if "upvotes" not in row and "id" not in row:
        raise unexpected(ID)
    counted = counts({**outer, **row}, upvotes="upvotes", comments="numComments")
    linked = {}
    for name, (total, listed) in _LINKED.items():
        rows = row.get(listed)
        linked[name] = count(row[total]) if total in row else len(rows) if isinstance(rows, list) else None
    return Facts(provider=ID, signals=Signals(**{**counted.model_dump(), **linked}))
