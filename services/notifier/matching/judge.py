"""Asks the language model whether papers meet conditions in plain words, and keeps its answers."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.notifier.matching.condition_outcome import Judgement, Outcome, judged, outcome_key, question, unchecked
from shared.coordination.breaker import Breaker
from shared.errors import PaperwireError, TransientError
from shared.llm.language_model import ID, LanguageModel, LaterError
from shared.llm.llm_answers import UnusableAnswerError

KEPT_S: Final = 30 * 86_400
"""Seconds that an answer is kept; the text of a paper and the condition are a part of its key."""
NOT_SET_UP: Final = "no language model is set up"
_UNSET: Final = (
    "No language model is set up, so only_if is not checked and every match is sent: "
    "set PAPERWIRE_LLM_URL and PAPERWIRE_LLM_MODEL."
)
_FAILS: Final = "the language model did not answer"
log = structlog.get_logger("notifier")


class Judge:
    """Decides about conditions. Without a model none is checked."""

    def __init__(
        self, model: LanguageModel | None, redis: Redis, clock: Callable[[], float], random: Callable[[], float]
    ) -> None:
        """Take a `clock` that returns Unix seconds, and `random`, a number from 0 to 1."""
        self._model = model
        self._redis = redis
        self._clock = clock
        self._random = random
        self._breaker = Breaker(redis, ID)

    @property
    def works(self) -> bool:
        """Return whether there is a model."""
        return self._model is not None

    def notes(self, condition: str | None) -> tuple[str, ...]:
        """Return what the owner of a subscription with a condition should know: that there is no model."""
        return () if self.works or not condition else (_UNSET,)

    async def known(self, papers: Sequence[tuple[str, str]], condition: str) -> list[Outcome | None]:
        """Return the kept outcomes of a condition for papers (title and abstract), without asking."""
        if self._model is None or not papers:
            return [None] * len(papers)
        keys = [outcome_key(self._model.name, title, abstract, condition) for title, abstract in papers]
        return [Outcome.model_validate_json(row) if row else None for row in await self._redis.mget(keys)]

    async def decide(self, title: str, abstract: str, condition: str) -> Outcome:
        """Return whether a paper meets a condition; where the model fails, that it was not checked.

        Raises:
            LaterError: its quota is used up, or another process tries whether it works; try again in `retry_after`.

        """
        if self._model is None:
            return unchecked(condition, NOT_SET_UP)
        kept = (await self.known([(title, abstract)], condition))[0]
        if kept:
            return kept
        now = self._clock()
        standing = await self._breaker.standing(now)
        if standing.until > now:
            return unchecked(condition, _FAILS)
        if not await self._breaker.enter(now):
            raise LaterError("another process tries whether the language model works", retry_after=1.0)
        return await self._ask(self._model, title, abstract, condition)

    async def _ask(self, model: LanguageModel, title: str, abstract: str, condition: str) -> Outcome:
        try:
            judgement = await model.ask(question(title, abstract, condition), Judgement)
        except (RedisError, LaterError):
            raise
        except UnusableAnswerError as error:
            log.warning("condition unchecked", reason=str(error))
            await self._breaker.succeeded()
            return unchecked(condition, "the answer of the language model could not be used")
        except Exception as error:  # noqa: BLE001  # whatever fails must not hold an alert back
            await self._fail(error)
            return unchecked(condition, _FAILS)
        await self._breaker.succeeded()
        outcome = judged(condition, judgement)
        key = outcome_key(model.name, title, abstract, condition)
        await self._redis.set(key, outcome.model_dump_json(), ex=KEPT_S)
        return outcome

    async def _fail(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, PaperwireError) else type(error).__name__
        named = error.retry_after if isinstance(error, TransientError) else None
        wait = await self._breaker.failed(self._clock(), named, self._random())
        log.warning("language model failed", reason=reason, retry_in_s=round(wait))
