"""Hugging Face's answer about one paper: a pure parser."""

from typing import Any, Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.reading import count, counts, record
from shared.errors import TransientError
from shared.papers.paper import Signals

NAME: Final = "huggingface"
_LINKED: Final = {
    "models": ("numTotalModels", "linkedModels"),
    "datasets": ("numTotalDatasets", "linkedDatasets"),
    "spaces": ("numTotalSpaces", "linkedSpaces"),
}


def parse(answer: Any) -> Facts:  # noqa: ANN401  # a stranger's JSON
    """Read a paper, flat or under `paper`. Raises TransientError when it is none."""
    outer = record(answer)
    row = record(outer.get("paper")) or outer
    if "upvotes" not in row and "id" not in row:
        raise TransientError(f"{NAME} answers in a shape that is not its own")
    told = counts({**outer, **row}, upvotes="upvotes", comments="numComments")
    linked = {}
    for name, (total, listed) in _LINKED.items():
        rows = row.get(listed)
        linked[name] = count(row[total]) if total in row else len(rows) if isinstance(rows, list) else None
    return Facts(provider=NAME, signals=Signals(**{**told.model_dump(), **linked}))
