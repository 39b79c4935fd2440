"""The client of the protocol: a POST to `chat/completions`, bounded in bytes and seconds, that follows no redirect."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any, Final

import aiohttp

from shared.errors import TransientError
from shared.llm.fencing import Prompt
from shared.llm.llm_answers import Completion, read_completion
from shared.moments import parse_retry_after
from shared.outbound import ExchangeError, Failure, exchange, outbound_session
from shared.settings import Network

ANYWHERE: Final[tuple[Network, ...]] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""The operator names the endpoint, and it is often on this machine."""
MAX_BODY: Final = 1024 * 1024
"""Bytes of an answer after decompression; a streamed one has some hundred for each token."""
_MAX_WAIT_S: Final = 86_400.0
_SAY: Final[Mapping[int, str]] = {
    401: ": it refuses the key in PAPERWIRE_LLM_KEY, correct it",
    403: ": it refuses the key in PAPERWIRE_LLM_KEY, correct it",
    404: ": check PAPERWIRE_LLM_URL and PAPERWIRE_LLM_MODEL",
}


class RefusedFormError(TransientError):
    """The endpoint refuses the request as it is; it may accept one with fewer options."""


def open_chat_session(user_agent: str, timeout: float) -> aiohttp.ClientSession:
    """Return the session of the endpoint, with seconds for one exchange; the caller closes it."""
    return outbound_session(ANYWHERE, user_agent, total=timeout)


@dataclass(slots=True)
class Chat:
    """Sends prompts to one model. Endpoints differ in the options that they know: each refusal drops some for good."""

    session: aiohttp.ClientSession
    address: str
    model: str
    answer_tokens: int
    key: str | None = field(default=None, repr=False)
    dropped: int = 0
    """How many options are no longer sent."""

    def options(self, dropped: int) -> Mapping[str, Any]:
        """Return the options of a request: all of them, without `response_format`, or none."""
        asked: tuple[Mapping[str, Any], ...] = (
            {"response_format": {"type": "json_object"}},
            {"temperature": 0, "max_tokens": self.answer_tokens, "stream": False},
        )
        return {name: value for group in asked[dropped:] for name, value in group.items()}

    @property
    def forms(self) -> range:
        """The forms of a request that are left to try, by the number of groups of options that they drop."""
        return range(self.dropped, 3)

    async def send(self, prompt: Prompt, dropped: int) -> Completion:
        """Send a prompt, and return the answer.

        Raises:
            RefusedFormError: the endpoint refuses the request (400 or 422).
            TransientError: it fails; `retry_after` is the time that it names.
            UnusableAnswerError: the answer has no text.

        """
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        payload = {"model": self.model, "messages": messages, **self.options(dropped)}
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        try:
            received = await exchange(
                self.session, "POST", self.address, max_body=MAX_BODY, wanted=_is_ok, json=payload, headers=headers
            )
        except ExchangeError as error:
            what = "did not answer in time" if error.failure is Failure.TIME else f"failed: {error}"
            raise TransientError(f"the language model's endpoint {what}") from error
        if received.more:
            raise TransientError(f"the language model's endpoint sent more than {MAX_BODY:,} bytes")
        if not _is_ok(received.status):
            raise _failure(received.status, received.headers)
        media = received.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        completion = read_completion(received.body, media)
        self.dropped = max(self.dropped, dropped)
        return completion


def _is_ok(status: int) -> bool:
    return status == HTTPStatus.OK


def _failure(status: int, headers: Mapping[str, str]) -> TransientError:
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return RefusedFormError(f"the language model's endpoint answers {status}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        said = ": it redirects, which is not followed; correct PAPERWIRE_LLM_URL"
    else:
        said = _SAY.get(status, "")
    wait = parse_retry_after(headers.get("Retry-After"), time.time(), (0.0, _MAX_WAIT_S))
    return TransientError(f"the language model's endpoint answers {status}{said}", retry_after=wait)
