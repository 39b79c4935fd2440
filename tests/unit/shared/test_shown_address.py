"""Addresses in logs and errors show no secret, in whatever part of them it is."""

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings
from shared.shown_address import shown

SECRETS = {
    "redis://:hunter2@redis:6379/0": "redis://…@redis:6379/0",
    "redis://user:p@ss@redis:6379/0": "redis://…@redis:6379/0",
    "redis://:p/ss@redis:6379/0": "redis://…@redis:6379/0",
    "me:p@ss@redis": "…@redis",
    "https://example.org/feed?token=hunter2": "https://example.org/feed?…",
    "https://example.org/feed#hunter2": "https://example.org/feed#…",
    "https://hooks.slack.com/services/T000/B000/XXXX": "https://hooks.slack.com/services/…/…/…",
    "https://discord.com/api/webhooks/123/abc": "https://discord.com/api/webhooks/…/…",
    "https://api.telegram.org/bot123:ABC-def/sendMessage": "https://api.telegram.org/…/sendMessage",
    "https://open.feishu.cn/open-apis/bot/v2/hook/aaaa-bbbb": "https://open.feishu.cn/open-apis/bot/…/…/…",
    "/feeds/private/abc_DEF.atom": "/feeds/private/…",
    "/f/abc": "/f/…",
    "http://127.0.0.1:6333/pLkW2vX0yqOe7uTz_3s9aQ": "http://127.0.0.1:6333/…",
}


@pytest.mark.parametrize("address", SECRETS)
def test_no_part_of_an_address_shows_a_secret(address: str) -> None:
    assert shown(address) == SECRETS[address]


@pytest.mark.parametrize(
    "address", ["http://qdrant:6333", "/v1/papers/arXiv:2401.00001", "/v1/search", "unix:///a/b.sock"]
)
def test_an_address_without_secrets_is_shown_as_it_is(address: str) -> None:
    assert shown(address) == address


def test_a_wrong_setting_is_repeated_without_its_secrets() -> None:
    with pytest.raises(ConfigurationError) as raised:
        Settings.load(public_url="ftp://name:hunter2@example.org/?token=hunter2")
    assert "hunter2" not in str(raised.value)
    with pytest.raises(ConfigurationError) as raised:
        Settings.load(qdrant_url="qdrant.example/collections?api_key=hunter2")
    assert "hunter2" not in str(raised.value)
