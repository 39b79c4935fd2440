"""The operator's language model as a provider of summaries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.enricher.providers.facts import Facts
from services.enricher.providers.llm_summaries import (
    ID,
    MIN_ABSTRACT,
    Sentences,
    is_summarized,
    prompt,
    summary,
    wanted_languages,
)
from services.enricher.providers.port import Answers
from services.enricher.providers.quotas import QuotaSpentError
from services.enricher.works.work import Work, is_sample
from shared.errors import TransientError
from shared.llm.language_model import LanguageModel, LaterError
from shared.llm.llm_answers import UnusableAnswerError
from shared.moments import parse_moment
from shared.papers.paper import ChangeKind

MAX_AGE: Final = timedelta(days=7)
"""The age up to which a work that does not trend gets a summary: few people read it later."""
TRENDING_SHARE: Final = 0.75
"""The share of the budget that works that trend may use; the rest is left to the conditions of subscriptions."""
NEW_SHARE: Final = 0.5
"""The share that all others may use."""
_BATCH: Final = 4
_MAX_START_S: Final = 60.0
"""Seconds of a round after which no further work is asked about."""
_REFUSED_S: Final = 7 * 86_400
"""Seconds that an answer without a summary is kept: the same question gets the same answer."""


@dataclass(frozen=True, slots=True)
class LlmProvider:
    """Asks the model for summaries of works that trend and of new works. `clock` returns the time in UTC."""

    model: LanguageModel
    languages: tuple[str, ...]
    requests: int
    clock: Callable[[], datetime]
    id: str = ID
    batch: int = _BATCH
    unknown_s: int = _REFUSED_S
    enters_on: frozenset[ChangeKind] = frozenset({ChangeKind.REVISED, ChangeKind.RESTORED, ChangeKind.TRENDING})

    @staticmethod
    def is_urgent(work: Work) -> bool:
        """Return whether a work is asked about before all others: one that trends is."""
        return not work.cooled

    def wants(self, work: Work) -> bool:
        """Return whether a work is worth a summary, and has none of its present text. A sample paper is not."""
        paper = work.paper
        if is_sample(work) or work.trend is None or paper.status != "active" or len(paper.abstract) < MIN_ABSTRACT:
            return False
        young = self.clock() - parse_moment(work.trend.since) <= MAX_AGE
        return (young or self.is_urgent(work)) and not is_summarized(work, self.languages)

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about one work after the other; the answer about a work has no facts if its summary is refused.

        Raises:
            QuotaSpentError: quota or budget is used up for now.
            TransientError: the endpoint fails.

        """
        answers: dict[str, Facts] = {}
        started = self.clock()
        for work in sorted(works, key=self.is_urgent, reverse=True):
            if (self.clock() - started).total_seconds() > _MAX_START_S:
                break
            try:
                answers[work.paper.id] = await self._ask_one(work)
            except TransientError as error:
                if answers:
                    break
                if isinstance(error, LaterError):
                    raise QuotaSpentError(str(error), retry_after=error.retry_after) from error
                raise
        return answers

    async def left(self) -> int:
        """Return how many requests of the day's budget are left."""
        return await self.model.budget.requests_left()

    async def _ask_one(self, work: Work) -> Facts:
        asked = prompt(work.paper, wanted_languages(work.paper, self.languages))
        share = TRENDING_SHARE if self.is_urgent(work) else NEW_SHARE
        try:
            answer = await self.model.ask(asked, Sentences, share)
        except UnusableAnswerError:
            return Facts(provider=ID)
        return Facts(provider=ID, summary=summary(work, answer, self.languages, self.model.name))
