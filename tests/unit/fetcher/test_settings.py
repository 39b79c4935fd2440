"""Where pictures are looked for."""

import pytest

from services.fetcher.settings import FetcherSettings
from shared.errors import ConfigurationError


def test_only_a_source_that_is_polled_anyway_is_asked_for_pictures_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERWIRE_PICTURES")
    assert FetcherSettings.load().pictures == ("huggingface",)


@pytest.mark.parametrize(
    ("text", "places"),
    (
        ("none", ()),
        ("", ()),
        ("arxiv", ("arxiv",)),
        (" project , huggingface,project", ("project", "huggingface")),
    ),
)
def test_the_environment_names_the_places_in_their_order(
    monkeypatch: pytest.MonkeyPatch, text: str, places: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PAPERWIRE_PICTURES", text)
    assert FetcherSettings.load().pictures == places


def test_an_unknown_place_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_PICTURES", "hugingface")
    words = "PAPERWIRE_PICTURES is not valid: .*there is no place 'hugingface'; choose from huggingface, project, arxiv"
    with pytest.raises(ConfigurationError, match=words):
        FetcherSettings.load()
