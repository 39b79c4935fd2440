"""The inputs of every channel follow from its definition, and what is typed becomes its settings."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from services.notifier.channels.registry import CHANNELS, AnyChannel
from services.notifier.pages.channel_inputs import INPUTS, Kind
from tests.unit.notifier.channels.test_telegram import TOKEN

TYPED: dict[str, dict[str, str]] = {
    "webhook": {"webhook.url": "https://x.example/h", "webhook.headers": "X-A: b\n\nX-C: d:e", "webhook.rate": "0.5"},
    "slack": {"slack.url": "https://hooks.example/1"},
    "discord": {"discord.url": "https://hooks.example/1"},
    "teams": {"teams.url": "https://hooks.example/1"},
    "mattermost": {"mattermost.url": "https://hooks.example/1"},
    "telegram": {"telegram.token": TOKEN, "telegram.chat": "-100", "telegram.thread": "7"},
    "matrix": {"matrix.server": "https://m.example", "matrix.room": "!abc:m.example", "matrix.token": "syt_abc"},
    "ntfy": {"ntfy.topic": "papers", "ntfy.priority": "4"},
    "feishu": {"feishu.url": "https://hooks.example/1", "feishu.secret": "hush"},
    "email": {"address": "reader@example.org"},
    "feed": {},
}


@pytest.mark.parametrize("id_", [one.id for one in CHANNELS])
def test_what_is_typed_is_a_valid_channel(id_: str) -> None:
    settings = INPUTS[id_].settings(TYPED[id_])
    assert len(settings) == len(TYPED[id_]) + 1
    assert TypeAdapter[Any](AnyChannel).validate_python(settings).type == id_


def test_a_needed_input_is_one_without_which_the_channel_is_not_valid() -> None:
    for id_, inputs in INPUTS.items():
        needed = {one.name for one in inputs.needed}
        assert needed <= TYPED[id_].keys(), id_
        assert all(one.label and one.label[0].isupper() for one in (*inputs.needed, *inputs.optional))


def test_secrets_are_typed_as_passwords() -> None:
    secret = {one.name for inputs in INPUTS.values() for one in (*inputs.needed, *inputs.optional)
              if one.kind is Kind.SECRET}  # fmt: skip
    assert {"slack.url", "telegram.token", "matrix.token", "ntfy.topic", "feishu.secret"} <= secret
    assert "webhook.url" not in secret


def test_lines_and_numbers_are_read() -> None:
    settings = INPUTS["webhook"].settings(TYPED["webhook"])
    assert (settings["headers"], settings["rate"]) == ({"X-A": "b", "X-C": "d:e"}, 0.5)
    assert INPUTS["telegram"].settings(TYPED["telegram"])["thread"] == 7


@pytest.mark.parametrize(
    ("typed", "said"),
    (
        ({"webhook.rate": "fast"}, "Rate must be a number."),
        ({"webhook.headers": "nothing"}, "Headers must be lines such as Authorization: Bearer abc."),
    ),
)
def test_what_cannot_be_read_is_said(typed: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        INPUTS["webhook"].settings(typed)
