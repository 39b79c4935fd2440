"""Settings of the enricher."""

from typing import Annotated, Any

from pydantic import Field, SecretStr, create_model, field_validator
from pydantic_settings import NoDecode

from services.enricher.providers.llm_summaries import ID as LLM
from services.enricher.providers.registry import PROVIDERS, Provider
from shared.llm.llm_settings import LlmSettings

_URL = r"^https?://"


def _provider_fields() -> dict[str, Any]:
    """Return the fields that the registry names: for each provider its address, and its key where it has one."""
    fields: dict[str, Any] = {}
    for row in PROVIDERS.values():
        fields[row.url_setting] = (str, Field(default=row.url, pattern=_URL))
        if row.credential and row.credential.secret:
            fields[row.credential.setting] = (SecretStr | None, None)
    return fields


_ProviderFields: Any = create_model("_ProviderFields", **_provider_fields())


class EnricherSettings(_ProviderFields, LlmSettings):
    """The providers in use, with their credentials and addresses."""

    offline: bool = Field(default=False, description="ask no provider")
    providers: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        default=None,
        description="ids with commas, or none; unset: those that need no key or whose key is set, and a model that is",
    )
    provider_timeout: float = Field(default=30.0, gt=0, description="s for a whole exchange, body included")
    provider_body: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes of an answer after decompression")
    crossref_mailto: str | None = Field(default=None, description="an e-mail address, for Crossref's polite pool")

    @field_validator("providers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("providers", mode="after")
    @classmethod
    def _known(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = sorted(set(value or ()) - {*PROVIDERS, LLM, "none"})
        if unknown:
            raise ValueError(
                f"there is no provider {unknown[0]!r}; choose from {', '.join((*PROVIDERS, LLM))}, or none"
            )
        return value

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the providers in use."""
        if self.providers is not None:
            return tuple(each for each in self.providers if each != "none")
        known = tuple(row.id for row in PROVIDERS.values() if row.keyless or self.credential(row))
        return (*known, LLM) if self.llm_url or self.llm_model else known

    def credential(self, row: Provider) -> str | None:
        """Return the credential for a provider, if it is set."""
        if row.credential is None:
            return None
        value = getattr(self, row.credential.setting)
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    @property
    def mailto(self) -> str | None:
        """The e-mail address for polite pools: Crossref's own, or the contact if it is one."""
        return self.crossref_mailto or (self.contact if "@" in self.contact else None)
