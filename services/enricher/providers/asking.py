"""Asking a provider that knows no batches."""

from collections.abc import Awaitable, Callable, Sequence

from services.enricher.providers.facts import Facts
from services.enricher.providers.port import Answers
from services.enricher.works.work import Work
from shared.errors import TransientError


async def each(works: Sequence[Work], ask: Callable[[Work], Awaitable[Facts]]) -> Answers:
    """Ask about one work after the other, up to the first failure; raises it when it comes before any answer."""
    answers: dict[str, Facts] = {}
    for work in works:
        try:
            answers[work.paper.id] = await ask(work)
        except TransientError:
            if not answers:
                raise
            break
    return answers
