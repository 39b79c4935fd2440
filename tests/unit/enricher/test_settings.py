"""Which providers are asked."""

import pytest

from services.enricher.providers.registry import PROVIDERS
from services.enricher.settings import EnricherSettings
from shared.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERWIRE_PROVIDERS")


def test_providers_without_a_needed_key_are_the_default() -> None:
    chosen = EnricherSettings.load().chosen
    assert chosen == tuple(id_ for id_, row in PROVIDERS.items() if row.keyless)
    assert {"crossref", "github", "huggingface"} <= set(chosen)
    assert not {"openalex", "semantic-scholar"} & set(chosen)


def test_a_key_adds_its_provider_to_the_default() -> None:
    settings = EnricherSettings.load(semantic_scholar_key="k")
    assert set(settings.chosen) == {*EnricherSettings.load().chosen, "semantic-scholar"}
    assert "'k'" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "chosen"),
    (("none", ()), ("", ()), ("github", ("github",)), (" crossref , github", ("crossref", "github"))),
)
def test_the_environment_chooses_the_providers(
    monkeypatch: pytest.MonkeyPatch, text: str, chosen: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PAPERWIRE_PROVIDERS", text)
    assert EnricherSettings.load().chosen == chosen


def test_an_unknown_provider_stops_the_start_with_the_known_ones_in_one_line() -> None:
    words = r"PAPERWIRE_PROVIDERS is not valid: .*there is no provider 'gitub'"
    with pytest.raises(ConfigurationError, match=words) as error:
        EnricherSettings.load(providers="gitub")
    assert "\n" not in str(error.value)
    assert ", ".join(PROVIDERS) in str(error.value)


def test_each_provider_has_a_setting_for_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_SEMANTIC_SCHOLAR_URL", "http://127.0.0.1:1")
    loaded = EnricherSettings.load().model_dump()
    assert loaded["semantic_scholar_url"] == "http://127.0.0.1:1"
    assert loaded["github_url"] == "https://api.github.com"
    with pytest.raises(ConfigurationError, match="PAPERWIRE_CROSSREF_URL is not valid"):
        EnricherSettings.load(crossref_url="ftp://example.org")


@pytest.mark.parametrize(
    ("given", "mailto"),
    (
        ({}, None),
        ({"contact": "me@example.org"}, "me@example.org"),
        ({"contact": "https://example.org", "crossref_mailto": "you@example.org"}, "you@example.org"),
    ),
)
def test_crossref_gets_an_e_mail_address_if_one_is_set(given: dict[str, str], mailto: str | None) -> None:
    assert EnricherSettings.load(**given).mailto == mailto
