"""The summary of a paper as readers see it."""

import pytest

from shared.papers.tldr import summary_of, tldr_in, tldr_line

PROVIDED = {"text": "A robot folds\ncranes.", "source": "semantic-scholar"}
OWN = {
    "text": "A robot folds cranes.",
    "source": "llm",
    "model": "qwen3:8b",
    "language": "en",
    "translations": {"de": "Ein Roboter faltet Kraniche."},
}


@pytest.mark.parametrize(
    ("languages", "text", "language"),
    (
        ((), "A robot folds cranes.", "en"),
        (("de", "en"), "Ein Roboter faltet Kraniche.", "de"),
        (("fr", "de"), "Ein Roboter faltet Kraniche.", "de"),
        (("fr",), "A robot folds cranes.", "en"),
        (("en", "de"), "A robot folds cranes.", "en"),
    ),
)
def test_a_reader_gets_the_first_language_that_there_is(languages: tuple[str, ...], text: str, language: str) -> None:
    summary = summary_of({"tldr": OWN}, languages)
    assert summary == (text, "qwen3:8b (language model)", language)


def test_the_summary_of_a_provider_has_its_name_and_no_language() -> None:
    assert summary_of({"tldr": PROVIDED}, ("de",)) == ("A robot folds cranes.", "Semantic Scholar", None)
    assert tldr_line({"tldr": PROVIDED}) == "TLDR by Semantic Scholar: A robot folds cranes."
    assert summary_of({"tldr": None}) is None
    assert tldr_line({}) == ""


def test_an_alert_has_the_summary_in_the_language_of_its_subscription() -> None:
    german = tldr_in(OWN, "de")
    assert (german["text"], german["language"], german["translations"]) == ("Ein Roboter faltet Kraniche.", "de", {})
    assert tldr_in(OWN, "fr")["text"] == OWN["text"]
    assert tldr_in(PROVIDED, "de")["text"] == PROVIDED["text"]
