"""Every channel is one row, and all that depends on the channels follows from the rows."""

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings, Limits, Transport
from services.notifier.channels.registry import CHANNELS, AnyChannel
from tests.unit.notifier.channels.exchange import channel
from tests.unit.notifier.channels.test_telegram import TOKEN


@pytest.mark.parametrize("one", CHANNELS, ids=lambda one: one.id)
def test_a_row_is_whole(one: ChannelDefinition[Any]) -> None:
    assert issubclass(one.settings, ChannelSettings)
    assert get_args(one.settings.model_fields["type"].annotation) == (one.id,)
    assert one.summary
    assert (one.request is not None) == (one.settings.transport is Transport.JSON)


def test_ids_are_unique() -> None:
    assert len({one.id for one in CHANNELS}) == len(CHANNELS)


def test_every_row_is_a_choice_of_the_channel_field() -> None:
    schema = TypeAdapter(AnyChannel).json_schema()
    assert set(schema["discriminator"]["mapping"]) == {one.id for one in CHANNELS}


def test_a_webhook_has_the_limits_that_its_subscriber_sets() -> None:
    settings = channel(type="webhook", url="https://x.example", concurrency=3, rate=0.5)
    assert settings.limits() == Limits(at_once=3, per_second=0.5)


def test_secrets_of_a_mapping_are_found_and_replaced() -> None:
    settings = channel(type="webhook", url="https://x.example", headers={"Authorization": "Bearer abcdefghijkl"})
    assert [secret.value for secret in settings.secrets()] == ["Bearer abcdefghijkl"]
    replaced = settings.replace_secrets(lambda secret: type(secret).of(secret.value.upper()))
    assert [secret.value for secret in replaced.secrets()] == ["BEARER ABCDEFGHIJKL"]


@pytest.mark.parametrize(
    ("fields", "says"),
    (
        ({"type": "slack", "url": "ftp://x.example"}, "http or https"),
        ({"type": "slack", "url": "https://•••abcd"}, "is masked"),
        ({"type": "telegram", "token": "no token", "chat": "1"}, "a bot token"),
        ({"type": "telegram", "token": TOKEN, "chat": "a b"}, "pattern"),
        ({"type": "matrix", "server": "https://m.example", "room": "#alias:m.example", "token": "t"}, "pattern"),
        ({"type": "ntfy", "topic": "a/b"}, "a topic of"),
        ({"type": "ntfy", "topic": "a", "priority": 6}, "less than or equal to 5"),
        ({"type": "webhook", "url": "https://x.example", "rate": 0}, "greater than 0"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"Host": "y"}}, "cannot be set"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"Webhook-Id": "y"}}, "cannot be set"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-Forwarded-For": "y"}}, "cannot be set"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"a b": "y"}}, "a valid header name"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-A": "a\r\nb: c"}}, "control characters"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-A": "é"}}, "ASCII"),
    ),
)
def test_settings_that_cannot_work_are_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        channel(**fields)
