"""Asks the language model: within its quota and budget, with the answer checked by a schema."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from redis.asyncio import Redis

from shared.coordination.quotas import Quota, SharedBuckets
from shared.errors import ConfigurationError, TransientError
from shared.llm.chat import Chat, RefusedFormError, open_chat_session
from shared.llm.day_budget import Budget, DayBudget
from shared.llm.fencing import Prompt
from shared.llm.llm_answers import A, Completion, parse_answer
from shared.llm.llm_settings import LlmSettings
from shared.versions import own_version

ID: Final = "llm"
"""Its id as a provider, and the name of its breaker and its quota, which all services share."""
_BURST_S: Final = 10
"""Seconds of the quota that may be spent at once."""
_PATIENCE_S: Final = 3.0
"""Seconds that a request waits for its quota."""
_MAX_EXCESS: Final = 4
"""How many times the tokens that were reserved a request may cost: a count that is wrong must not end the budget."""


class LaterError(TransientError):
    """The quota or the budget is used up for now; this is no failure of the endpoint."""


class LanguageModel:
    """One model of one endpoint."""

    def __init__(
        self,
        chat: Chat,
        buckets: SharedBuckets,
        quota: Quota,
        budget: DayBudget,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """The caller closes the session of `chat`; `sleep` waits some seconds."""
        self._chat = chat
        self._buckets = buckets
        self._quota = quota
        self.budget = budget
        self._sleep = sleep

    @property
    def name(self) -> str:
        """Return the name of the model."""
        return self._chat.model

    async def ask(self, prompt: Prompt, form: type[A], share: float = 1.0) -> A:
        """Return the answer to a prompt, of the form that was asked for.

        Raises:
            LaterError: the quota is used up, or the `share` of the budget; `retry_after` says for how long.
            TransientError: the endpoint fails; `retry_after` is the time that it names.
            UnusableAnswerError: the answer is not what was asked for.

        """
        return parse_answer(await self._completion(prompt, share), form)

    async def _completion(self, prompt: Prompt, share: float) -> Completion:
        """Return the answer in the first form of the request that the endpoint accepts."""
        *earlier, last = self._chat.forms
        for dropped in earlier:
            with contextlib.suppress(RefusedFormError):
                return await self._send(prompt, dropped, share)
        return await self._send(prompt, last, share)

    async def _send(self, prompt: Prompt, dropped: int, share: float) -> Completion:
        """Send one request; without a count of its tokens, what was reserved for it counts."""
        tokens = prompt.tokens + self._chat.answer_tokens
        day = await self._spend(tokens, share)
        completion = await self._chat.send(prompt, dropped)
        if completion.tokens is not None:
            await self.budget.correct(day, min(completion.tokens, _MAX_EXCESS * tokens) - tokens)
        return completion

    async def _spend(self, tokens: int, share: float) -> str:
        """Return the day whose budget is spent."""
        while wait := await self._buckets.take(f"quota:{ID}", self._quota):
            if wait > _PATIENCE_S:
                raise LaterError(
                    f"the quota of the language model is used up: it is asked in {wait:.0f} s", retry_after=wait
                )
            await self._sleep(wait)
        if (day := await self.budget.spend(tokens, share)) is None:
            message = "the budget of the language model is used up for today"
            raise LaterError(message, retry_after=self.budget.renewed_in())
        return day


def open_language_model(
    settings: LlmSettings,
    redis: "Redis[bytes]",
    at_end: Callable[[Callable[[], Awaitable[None]]], object],
    clock: Callable[[], float] = time.time,
) -> LanguageModel | None:
    """Open the model that the settings name, or None; `at_end` takes what closes its session at the end.

    `clock` returns Unix seconds.

    Raises:
        ConfigurationError: only one of address and model is set.

    """
    address, model, key = settings.llm_address, settings.llm_model, settings.llm_key
    if address is None or model is None:
        if address or model:
            lacks = "PAPERWIRE_LLM_MODEL" if address else "PAPERWIRE_LLM_URL"
            raise ConfigurationError(f"The language model needs an address and a name: set {lacks} too.")
        return None
    session = open_chat_session(f"Paperwire/{own_version()}", settings.llm_timeout)
    at_end(session.close)
    chat = Chat(session, address, model, settings.llm_answer_tokens, key.get_secret_value() if key else None)
    a_second = settings.llm_per_minute / 60
    quota = Quota(max(1, int(a_second * _BURST_S)), a_second)
    budget = DayBudget(redis, Budget(settings.llm_requests_per_day, settings.llm_tokens_per_day), clock)
    return LanguageModel(chat, SharedBuckets(redis, clock), quota, budget)
