"""Making the providers that the settings choose."""

from collections.abc import Mapping
from typing import Final

import aiohttp
from pydantic import SecretStr
from redis.asyncio import Redis

from services.enricher.providers.client import Client
from services.enricher.providers.crossref import Crossref
from services.enricher.providers.github import GitHub
from services.enricher.providers.huggingface import HuggingFace
from services.enricher.providers.openalex import OpenAlex
from services.enricher.providers.port import Provider
from services.enricher.providers.quotas import Quota, Quotas
from services.enricher.providers.semantic_scholar import SemanticScholar
from services.enricher.settings import EnricherSettings
from shared.errors import ConfigurationError
from shared.settings import PREFIX

# What each allows, a little less than it says. Hugging Face's 500 calls in five minutes are an address's: the fetcher's
# own budget, at its worst, leaves a quarter of a call a second.
QUOTAS: Final[Mapping[str, Quota]] = {
    "semantic-scholar": Quota(1, 0.9),
    "openalex": Quota(10, 5.0),
    "crossref": Quota(4, 4.0),
    "github": Quota(60, 60 / 3_600),
    "huggingface": Quota(20, 0.25),
}
POLITE: Final[Mapping[str, Quota]] = {"crossref": Quota(8, 8.0), "github": Quota(500, 4_500 / 3_600)}
"""What those allow who are told who asks: Crossref by an address, GitHub by a token."""

KEYS: Final[Mapping[str, str]] = {
    "semantic-scholar": "SEMANTIC_SCHOLAR_KEY",
    "openalex": "OPENALEX_KEY",
    "github": "GITHUB_TOKEN",
    "huggingface": "HUGGINGFACE_TOKEN",
}
"""The setting with the key of each that has one."""


def open_providers(
    settings: EnricherSettings, session: aiohttp.ClientSession, redis: "Redis[bytes]", quotas: Quotas
) -> list[Provider]:
    """Make the chosen providers. Raises ConfigurationError when one that needs a key has none."""

    def client(name: str, base: str, secret: Mapping[str, str], *, known: bool = False) -> Client:
        quota = POLITE[name] if known and name in POLITE else QUOTAS[name]
        given = name in KEYS and getattr(settings, KEYS[name].lower())
        key = f"{PREFIX}{KEYS[name]}" if given else None
        return Client(session, quotas, name, quota, base.rstrip("/"), settings.provider_body, secret, key)

    def make(name: str) -> Provider:
        if name == "crossref":
            polite = settings.mailto
            return Crossref(client(name, settings.crossref_url, {}, known=bool(polite)), polite)
        if name == "github":
            token = _bearer(settings.github_token)
            return GitHub(client(name, settings.github_url, token, known=bool(token)), redis)
        if name == "huggingface":
            return HuggingFace(client(name, settings.huggingface_url, _bearer(settings.huggingface_token)))
        if name == "openalex":
            return OpenAlex(client(name, settings.openalex_url, {}), _needed(settings.openalex_key, KEYS[name]))
        key = settings.semantic_scholar_key
        secret = {"x-api-key": key.get_secret_value()} if key else {}
        return SemanticScholar(client(name, settings.semantic_scholar_url, secret))

    return [make(name) for name in settings.chosen]


def _bearer(token: SecretStr | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}


def _needed(key: SecretStr | None, name: str) -> SecretStr:
    if key is None:
        raise ConfigurationError(f"PAPERWIRE_PROVIDERS names one that needs a key: set {PREFIX}{name}.")
    return key
