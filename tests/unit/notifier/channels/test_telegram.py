"""Telegram."""

import html
import re
from typing import Any

import pytest

from services.notifier.channels.exchange import Answer
from services.notifier.channels.registry import definition_of
from tests.unit.notifier.channels.exchange import channel, interpreted, request
from tests.unit.notifier.channels.texts import units

TOKEN = "123456:AAFakeFakeFakeFakeFakeFake"
TELEGRAM = {"type": "telegram", "token": TOKEN, "chat": "-100123"}


def check(made: Any) -> None:
    """Check that a message is within what Telegram takes."""
    assert made["parse_mode"] == "HTML"
    bare = re.sub(r"<[^>]*>", "", made["text"])
    assert 0 < units(html.unescape(bare)) <= 4_096
    assert set(re.findall(r"</?([a-z]+)", made["text"])) <= {"a", "b", "i"}


def test_the_bot_sends_a_message_to_a_chat_and_thread() -> None:
    made = request(**TELEGRAM, thread=7)
    assert made.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    assert made.content == {"text": "t", "chat_id": "-100123", "message_thread_id": 7}


@pytest.mark.parametrize(
    ("status", "body", "means"),
    (
        (429, '{"ok":false,"parameters":{"retry_after":17}}', (429, "17")),
        (403, '{"ok":false,"description":"Forbidden: bot was blocked by the user"}', (410, None)),
        (400, "[]", (400, None)),
        (429, '{"parameters":7}', (429, None)),
    ),
)
def test_an_answer_says_in_its_body_when_to_try_again(status: int, body: str, means: tuple[Any, Any]) -> None:
    assert interpreted(channel(**TELEGRAM), status, body) == means


UPGRADED = '{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":%s}}'


@pytest.mark.parametrize(
    ("status", "body", "chat", "new"),
    (
        (400, UPGRADED % "-1001234567890", "-100123", "-1001234567890"),
        (400, UPGRADED % "-1", "-100123", "-1"),
        (200, UPGRADED % "-1001234567890", "-100123", None),
        (403, UPGRADED % "-1001234567890", "-100123", None),
        (400, UPGRADED % '"-1001234567890"', "-100123", None),
        (400, UPGRADED % "1001234567890", "-100123", None),
        (400, UPGRADED % "-1.5", "-100123", None),
        (400, UPGRADED % "true", "-100123", None),
        (400, UPGRADED % "0", "-100123", None),
        (400, UPGRADED % "-1e300", "-100123", None),
        (400, UPGRADED % ("-" + "9" * 300), "-100123", None),
        (400, UPGRADED % '{"a":"/../../x"}', "-100123", None),
        (400, '{"parameters":[{"migrate_to_chat_id":-1}]}', "-100123", None),
        (400, UPGRADED % "-1001234567890", "@papers", "@papers"),
        (400, UPGRADED % "-1001234567890", "4711", "4711"),
    ),
)
def test_the_new_id_of_a_group_is_read_and_only_a_group_takes_it(
    status: int, body: str, chat: str, new: str | None
) -> None:
    settings = channel(**TELEGRAM | {"chat": chat})
    found = definition_of(settings).interpret(Answer(1.0, status, None, body)).moved
    if new is None:
        assert found is None
        return
    moved = definition_of(settings).moved(settings, found or "")
    assert moved == channel(**TELEGRAM | {"chat": new})
