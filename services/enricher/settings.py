"""Settings of the enricher."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.settings import Settings

KEYLESS = ("crossref", "github", "huggingface")
KEYED = ("openalex", "semantic-scholar")
"""These answer nobody, or hardly anybody, without a key."""
_URL = r"^https?://"


class EnricherSettings(Settings):
    """Which providers of signals to ask, as whom, and where they are."""

    offline: bool = Field(default=False, description="ask no provider")
    providers: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        default=None, description="names with commas; none: those that need no key, and those whose key is set"
    )
    provider_timeout: float = Field(default=30.0, gt=0, description="s for a whole exchange, body included")
    provider_body: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes of an answer after decompression")
    semantic_scholar_key: SecretStr | None = None
    openalex_key: SecretStr | None = None
    crossref_mailto: str | None = Field(default=None, description="an e-mail address, for Crossref's polite pool")
    github_token: SecretStr | None = None
    huggingface_token: SecretStr | None = None
    semantic_scholar_url: str = Field(default="https://api.semanticscholar.org/graph/v1", pattern=_URL)
    openalex_url: str = Field(default="https://api.openalex.org", pattern=_URL)
    crossref_url: str = Field(default="https://api.crossref.org", pattern=_URL)
    github_url: str = Field(default="https://api.github.com", pattern=_URL)
    huggingface_url: str = Field(default="https://huggingface.co", pattern=_URL)

    @field_validator("providers", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("providers", mode="after")
    @classmethod
    def _known(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = sorted(set(value or ()) - {*KEYLESS, *KEYED, "none"})
        if unknown:
            raise ValueError(f"there is no provider {unknown[0]!r}: choose of {', '.join((*KEYLESS, *KEYED))}, or none")
        return value

    @property
    def chosen(self) -> tuple[str, ...]:
        """Name the providers to ask."""
        if self.providers is not None:
            return tuple(name for name in self.providers if name != "none")
        keys = {"openalex": self.openalex_key, "semantic-scholar": self.semantic_scholar_key}
        return (*KEYLESS, *(name for name in KEYED if keys[name]))

    @property
    def mailto(self) -> str | None:
        """Give the address for polite pools: Crossref's own, or the contact if it is one."""
        return self.crossref_mailto or (self.contact if "@" in self.contact else None)
