"""Answers of the protocol, whole or streamed, and the JSON object in the text of a model. Pure."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ValidationError

from shared.errors import PaperwireError, TransientError

A = TypeVar("A", bound=BaseModel)
MAX_TEXT: Final = 64 * 1024
"""Characters of the text of an answer; one that thinks for longer has not answered."""
_MAX_OBJECTS: Final = 20
_END_OF_THOUGHT: Final = "</think>"
_DECODER: Final = json.JSONDecoder()
_KEPT: Final = frozenset("\n\r\t\u200c\u200d")
"""Control and format characters that texts need: the last two join and part letters, in Persian and Hindi."""


def _seen(value: object) -> object:
    """Drop characters that no reader sees, which turn a line around, color a terminal, or are not allowed in XML."""
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Co", "Cs"))


SEEN: Final = BeforeValidator(_seen)
"""The annotation of a text in an answer: only what readers see of it."""


class UnusableAnswerError(PaperwireError):
    """The model answered, but not what it was asked for. The endpoint works; the same question gets the same answer."""


class Completion(NamedTuple):
    """The text of a model, the tokens that the endpoint counted, and whether the text was cut at the most tokens."""

    text: str
    tokens: int | None = None
    cut: bool = False


def read_completion(body: bytes, media: str) -> Completion:
    """Read an answer to `chat/completions`; some servers stream although they were asked not to.

    Raises:
        TransientError: it is none, as the page of a proxy, or it is incomplete.
        UnusableAnswerError: it has no text.

    """
    if media == "text/event-stream" or body.lstrip().startswith(b"data:"):
        return _read_stream(body)
    answer = _json(body)
    choice = _first(answer)
    text = _text(_record(choice.get("message")).get("content"))
    return _checked(text, _tokens(answer), choice.get("finish_reason"))


def _read_stream(body: bytes) -> Completion:
    """Join the parts of a stream; without its end, or the reason for it, the stream broke off."""
    parts, tokens, reason, done = [], None, None, False
    for line in body.splitlines():
        name, _, data = line.partition(b":")
        if name.strip() != b"data":
            continue
        if data.strip() == b"[DONE]":
            done = True
            break
        event = _json(data)
        tokens = _tokens(event) or tokens
        if not event.get("choices"):
            continue  # the last event of some servers has the usage only
        choice = _first(event)
        parts.append(_text(_record(choice.get("delta")).get("content")))
        reason = choice.get("finish_reason") or reason
    if not (done or reason):
        raise TransientError("the language model's endpoint ended its answer early")
    return _checked("".join(parts), tokens, reason)


def _checked(text: str, tokens: int | None, reason: object) -> Completion:
    if len(text) > MAX_TEXT:
        raise UnusableAnswerError(f"the language model answered more than {MAX_TEXT:,} characters")
    if not text.strip():
        raise UnusableAnswerError("the language model answered no text")
    return Completion(text, tokens, cut=reason == "length")


def parse_answer(completion: Completion, form: type[A]) -> A:
    """Return the JSON object in a text of a model, checked against `form`.

    Raises:
        UnusableAnswerError: there is not exactly one object, or it is not of this form.

    """
    try:
        return form.model_validate(_one_object(_without_thoughts(completion.text)))
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the object"
        raise UnusableAnswerError(f"the language model's answer is not as asked: {where}: {problem['msg']}") from error
    except UnusableAnswerError as error:
        if completion.cut:
            raise UnusableAnswerError(
                "the language model's answer was cut: raise PAPERWIRE_LLM_ANSWER_TOKENS"
            ) from error
        raise


def _without_thoughts(text: str) -> str:
    """Drop what a reasoning model thinks before it answers; some servers leave out where that begins."""
    before, end, after = text.rpartition(_END_OF_THOUGHT)
    if not end and before == "" and "<think>" in after:
        raise UnusableAnswerError("the language model did not finish thinking")
    return after


def _one_object(text: str) -> Mapping[str, Any]:
    """Return the only object of a text, which may have prose around it.

    Of several nothing is taken: one may be quoted out of the data that the model read.
    """
    found = list(_objects(text))
    if len(found) != 1:
        raise UnusableAnswerError(f"the language model answered {len(found) or 'no'} JSON objects where one was asked")
    return found[0]


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    start = 0
    for _ in range(_MAX_OBJECTS):
        start = text.find("{", start)
        if start < 0:
            return
        try:
            found, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            start += 1
        else:
            start = end
            yield found


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise TransientError("the language model's endpoint sent an answer that is not JSON") from error
    if not isinstance(answer, dict) or answer.get("error"):
        raise TransientError("the language model's endpoint reports an error")
    return answer


def _first(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise TransientError("the language model's endpoint sent an answer of an unexpected shape")
    return _record(choices[0])


def _record(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: object) -> str:
    """Return the text of a message: a text, or a list of parts."""
    parts = [_record(part).get("text") for part in content] if isinstance(content, list) else [content]
    return "".join(part for part in parts if isinstance(part, str))


def _tokens(answer: Mapping[str, Any]) -> int | None:
    total = _record(answer.get("usage")).get("total_tokens")
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None
