"""Which providers are asked."""

import pytest

from services.enricher.settings import KEYLESS, EnricherSettings
from shared.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _untold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERWIRE_PROVIDERS")


def test_without_keys_those_are_asked_that_need_none() -> None:
    assert EnricherSettings.load().chosen == KEYLESS


def test_a_key_brings_its_provider() -> None:
    settings = EnricherSettings.load(semantic_scholar_key="k")
    assert settings.chosen == (*KEYLESS, "semantic-scholar")
    assert "'k'" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "chosen"),
    (("none", ()), ("", ()), ("github", ("github",)), (" crossref , github", ("crossref", "github"))),
)
def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch, text: str, chosen: tuple[str, ...]) -> None:
    monkeypatch.setenv("PAPERWIRE_PROVIDERS", text)
    assert EnricherSettings.load().chosen == chosen


def test_an_unknown_provider_stops_the_start_with_one_line() -> None:
    with pytest.raises(ConfigurationError, match=r"PAPERWIRE_PROVIDERS is not usable: .*there is no provider 'gitub'"):
        EnricherSettings.load(providers="gitub")


@pytest.mark.parametrize(
    ("given", "mailto"),
    (
        ({}, None),
        ({"contact": "me@example.org"}, "me@example.org"),
        ({"contact": "https://example.org", "crossref_mailto": "you@example.org"}, "you@example.org"),
    ),
)
def test_crossref_is_told_who_asks_where_that_is_an_address(given: dict[str, str], mailto: str | None) -> None:
    assert EnricherSettings.load(**given).mailto == mailto
