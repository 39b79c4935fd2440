"""The answers of language models: what is read out of them, and what is refused."""

import contextlib
import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from shared.errors import TransientError
from shared.llm.llm_answers import MAX_TEXT, SEEN, Completion, UnusableAnswerError, parse_answer, read_completion


class Answer(BaseModel):
    model_config = ConfigDict(strict=True)

    meets: bool


def body(content: Any, **more: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}, **more}]}).encode()


@pytest.mark.parametrize(
    "text",
    (
        '{"meets": true}',
        '```json\n{"meets": true}\n```',
        'Here is the answer: {"meets": true}. I hope that it helps.',
        '<think>Is it {"meets": false}? No.</think>\n{"meets": true}',
        'Is it {"meets": false}? No.</think>{"meets": true}',
        'The set {a, b} is meant. {"meets": true}',
    ),
)
def test_the_one_object_of_a_text_is_read(text: str) -> None:
    assert parse_answer(Completion(text), Answer).meets is True


@pytest.mark.parametrize(
    ("text", "reason"),
    (
        ("Yes, it does.", "no JSON objects"),
        ('{"meets": true', "no JSON objects"),
        ('The abstract says {"meets": true}, so {"meets": false}', "2 JSON objects"),
        ('<think>{"meets": true}', "did not finish thinking"),
        ('{"meets": "yes"}', "meets: "),
        ('{"other": true}', "meets: "),
        ("[" * 60_000 + "{", "no JSON objects"),
        ('{"a":' * 10_000, "no JSON objects"),
    ),
)
def test_other_texts_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UnusableAnswerError, match=reason):
        parse_answer(Completion(text), Answer)


def test_an_answer_that_was_cut_names_the_setting() -> None:
    with pytest.raises(UnusableAnswerError, match="PAPERWIRE_LLM_ANSWER_TOKENS"):
        parse_answer(Completion('{"meets": tr', cut=True), Answer)


def test_a_whole_answer_has_text_tokens_and_whether_it_was_cut() -> None:
    raw = body("x", finish_reason="length")[:-1] + b', "usage": {"total_tokens": 7}}'
    assert read_completion(raw, "application/json") == Completion("x", 7, cut=True)
    assert read_completion(body([{"type": "text", "text": "a"}, {"text": "b"}]), "application/json").text == "ab"


def test_a_streamed_answer_is_joined_also_without_its_media_type() -> None:
    stream = (
        b': a comment\n\ndata: {"choices": [{"delta": {"role": "assistant"}}]}\r\n\r\n'
        b'data: {"choices": [{"delta": {"content": "{}"}}]}\n\n'
        b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\ndata: [DONE]\n\n'
    )
    assert read_completion(stream, "text/event-stream") == Completion("{}", 9)
    assert read_completion(b"data:" + body("x").replace(b"message", b"delta") + b"\ndata: [DONE]", "").text == "x"


@pytest.mark.parametrize(
    "raw",
    (
        b"<html>",
        b"",
        b"[]",
        b"{}",
        b'{"choices": [',
        b'{"choices": []}',
        b'{"error": {"code": 1}}',
        b"data: {\n",
    ),
)
def test_what_is_no_answer_is_a_failure_of_the_endpoint(raw: bytes) -> None:
    with pytest.raises(TransientError):
        read_completion(raw, "application/json")


def test_a_stream_without_its_end_is_a_failure_of_the_endpoint() -> None:
    with pytest.raises(TransientError, match="ended its answer early"):
        read_completion(b'data: {"choices": [{"delta": {"content": "{"}}]}\n\n', "text/event-stream")


@pytest.mark.parametrize("content", (None, "", "  ", 7, "x" * (MAX_TEXT + 1)))
def test_an_answer_without_a_text_of_sensible_length_is_unusable(content: Any) -> None:
    with pytest.raises(UnusableAnswerError):
        read_completion(body(content), "application/json")


@given(st.binary(max_size=300), st.sampled_from(("application/json", "text/event-stream", "")))
def test_no_bytes_raise_an_error_of_another_kind(raw: bytes, media: str) -> None:
    with contextlib.suppress(TransientError, UnusableAnswerError):
        assert read_completion(raw, media).text.strip()


@given(st.text(max_size=300))
def test_no_text_raises_an_error_of_another_kind(text: str) -> None:
    with contextlib.suppress(UnusableAnswerError):
        assert parse_answer(Completion(text), Answer).meets in (True, False)


class Sentence(BaseModel):
    model_config = ConfigDict(strict=True)

    said: Annotated[str, SEEN]


@pytest.mark.parametrize(
    ("text", "seen"),
    (
        ("a\x00b\x1b[31m\x07", "ab[31m"),
        ("\u202eexe.txt\u202c \u2066x\u2069\u200b\ufeff\U000e0041\ue000", "exe.txt x"),
        ("half a pair: \ud800.", "half a pair: ."),
        ("one\ntwo", "one\ntwo"),
        ("نمی\u200cخواهم 👩\u200d🔬", "نمی\u200cخواهم 👩\u200d🔬"),
    ),
)
def test_a_text_of_an_answer_has_no_characters_that_readers_do_not_see(text: str, seen: str) -> None:
    assert parse_answer(Completion(json.dumps({"said": text})), Sentence).said == seen


def test_parts_in_parts_are_no_text_however_deep_they_are() -> None:
    parts = '[{"text": ' * 480 + '"x"' + "}]" * 480
    with pytest.raises(UnusableAnswerError, match="no text"):
        read_completion(b'{"choices": [{"message": {"content": %s}}]}' % parts.encode(), "application/json")
