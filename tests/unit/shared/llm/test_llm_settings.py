"""The settings of the language model."""

import pytest

from shared.errors import ConfigurationError
from shared.llm.llm_settings import LlmSettings


@pytest.mark.parametrize(
    ("url", "address"),
    (
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"),
        ("https://llm.example/openai/v1", "https://llm.example/openai/v1/chat/completions"),
        ("https://llm.example/v1beta/openai", "https://llm.example/v1beta/openai/chat/completions"),
        ("https://llm.example/vendor", "https://llm.example/vendor/v1/chat/completions"),
        ("https://llm.example/v1/chat/completions", "https://llm.example/v1/chat/completions"),
        ("https://llm.example/v1?api-version=2", "https://llm.example/v1/chat/completions?api-version=2"),
    ),
)
def test_an_address_works_with_and_without_its_version(url: str, address: str) -> None:
    assert LlmSettings.load(llm_url=url).llm_address == address


def test_without_an_address_there_is_no_model() -> None:
    assert LlmSettings.load().llm_address is None


@pytest.mark.parametrize("url", ("ftp://llm.example", "llm.example", "https://user:word@llm.example/v1", "http://"))
def test_an_address_that_cannot_be_used_or_holds_a_password_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PAPERWIRE_LLM_URL"):
        LlmSettings.load(llm_url=url)


def test_languages_are_read_once_each_and_unknown_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_LLM_LANGUAGES", "de, EN,de")
    assert LlmSettings.load().llm_languages == ("de", "en")
    monkeypatch.setenv("PAPERWIRE_LLM_LANGUAGES", "de,xx")
    with pytest.raises(ConfigurationError, match="'xx' is not known"):
        LlmSettings.load()


def test_the_key_is_not_in_the_text_of_the_settings() -> None:
    assert "sk-secret" not in repr(LlmSettings.load(llm_key="sk-secret"))
