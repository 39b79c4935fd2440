"""The settings of the language model, which all services that ask it have. Pure."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from shared.settings import Settings
from shared.text.spoken_languages import LANGUAGES

MAX_TIMEOUT_S: Final = 80.0
"""Seconds of one request at most: a round of the enricher with several requests ends before its lease does."""


class LlmSettings(Settings):
    """An OpenAI-compatible endpoint; off unless both its address and a model are set."""

    llm_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(?:[/?][^\s#]*)?$",
        description="an OpenAI-compatible endpoint, such as http://127.0.0.1:11434 (Ollama); it may be private",
    )
    llm_model: str | None = Field(default=None, min_length=1, max_length=200, description="the name of the model there")
    llm_key: SecretStr | None = Field(default=None, description="sent to the endpoint as a bearer token")
    llm_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("en",), min_length=1, max_length=8, description="of its summaries, comma-separated: en,de"
    )
    llm_timeout: float = Field(default=60.0, gt=0, le=MAX_TIMEOUT_S, description="seconds for one request")
    llm_per_minute: int = Field(default=60, ge=1, le=100_000, description="requests a minute, of all processes")
    llm_requests_per_day: int = Field(default=1_000, ge=0, description="requests a day (UTC), of all processes")
    llm_tokens_per_day: int = Field(default=2_000_000, ge=0, description="tokens a day, of prompts and answers")
    llm_answer_tokens: int = Field(
        default=2_000, ge=50, le=100_000, description="tokens of an answer at most, with those that a model thinks in"
    )

    @field_validator("llm_languages", mode="before")
    @classmethod
    def _codes(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
        return value

    @field_validator("llm_languages", mode="after")
    @classmethod
    def _known_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - set(LANGUAGES)):
            raise ValueError(f"the language {unknown[0]!r} is not known; choose from {', '.join(LANGUAGES)}")
        return value

    @property
    def llm_address(self) -> str | None:
        """Return the address that requests are sent to: that of the endpoint, with `/v1` if it names no version."""
        if self.llm_url is None:
            return None
        address = urlsplit(self.llm_url)
        path = address.path.rstrip("/").removesuffix("/chat/completions")
        if not any(part[:1] == "v" and part[1:2].isdigit() for part in path.split("/")):
            path += "/v1"
        return address._replace(path=f"{path}/chat/completions").geturl()
