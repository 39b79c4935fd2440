"""The addresses that the gateway is told."""

import pytest

from services.gateway.settings import GatewaySettings
from shared.errors import ConfigurationError


def test_several_addresses_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_SEARCH_URL", "http://a:1/, https://b")
    monkeypatch.setenv("PAPERWIRE_TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8")
    settings = GatewaySettings.load()
    assert settings.search_url == ("http://a:1", "https://b")
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("PAPERWIRE_SEARCH_URL", "ftp://a"),
        ("PAPERWIRE_SEARCH_URL", "a:80"),
        ("PAPERWIRE_NOTIFIER_URL", " , "),
        ("PAPERWIRE_UPSTREAM_TIMEOUT", "0"),
        ("PAPERWIRE_TRUSTED_PROXIES", "everyone"),
    ),
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        GatewaySettings.load()
