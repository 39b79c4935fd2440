"""The composition of the providers that the settings choose."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
from redis.asyncio import Redis

from services.enricher.providers.client import Client
from services.enricher.providers.connection import OpenProvider, ProviderConnection
from services.enricher.providers.llm_provider import LlmProvider
from services.enricher.providers.llm_summaries import ID as LLM
from services.enricher.providers.quotas import Quotas
from services.enricher.providers.registry import PROVIDERS, Provider
from services.enricher.settings import EnricherSettings
from shared.errors import ConfigurationError
from shared.llm.language_model import open_language_model
from shared.settings import PREFIX


def open_providers(
    settings: EnricherSettings, session: aiohttp.ClientSession, redis: "Redis[bytes]", quotas: Quotas
) -> list[OpenProvider]:
    """Open the chosen providers.

    Raises:
        ConfigurationError: a provider needs a credential that is not set.

    """
    return [_open(PROVIDERS[each], settings, session, redis, quotas) for each in settings.chosen if each in PROVIDERS]


def open_llm(
    settings: EnricherSettings,
    redis: "Redis[bytes]",
    at_end: Callable[[Callable[[], Awaitable[None]]], object],
    clock: Callable[[], datetime],
) -> list[LlmProvider]:
    """Open the operator's language model, if it is chosen; `at_end` takes what closes it, `clock` returns UTC.

    Raises:
        ConfigurationError: it is chosen, and its settings are not complete.

    """
    if LLM not in settings.chosen:
        return []
    model = open_language_model(settings, redis, at_end, lambda: clock().timestamp())
    if model is None:
        raise ConfigurationError(f"PAPERWIRE_PROVIDERS names {LLM}: set PAPERWIRE_LLM_URL and PAPERWIRE_LLM_MODEL.")
    return [LlmProvider(model, settings.llm_languages, settings.llm_requests_per_day, clock)]


def _open(
    row: Provider, settings: EnricherSettings, session: aiohttp.ClientSession, redis: "Redis[bytes]", quotas: Quotas
) -> OpenProvider:
    credential, value = row.credential, settings.credential(row)
    quota, key, headers, parameters = row.quota, None, {}, {}
    if credential and value:
        quota = credential.quota or row.quota
        key = f"{PREFIX}{credential.setting.upper()}" if credential.secret else None
        headers = {credential.header: credential.form.format(value)} if credential.header else {}
        parameters = {credential.parameter: value} if credential.parameter else {}
    elif credential and credential.need == "required":
        variable = f"{PREFIX}{credential.setting.upper()}"
        raise ConfigurationError(f"PAPERWIRE_PROVIDERS names {row.id}, which needs a key: set {variable}.")
    base = getattr(settings, row.url_setting).rstrip("/")
    client = Client(session, quotas, row.id, quota, base, settings.provider_body, headers, key)
    return OpenProvider(row, quota, ProviderConnection(row, client, redis, parameters))
