"""What is read out of a title and an abstract to help a reader: all of it offline, and only what is certain."""

from typing import NamedTuple

from services.enricher.text.gist import gist
from services.enricher.text.keywords import keywords
from services.enricher.text.language import language
from services.enricher.text.mentions import datasets, tasks


class ReadingHelp(NamedTuple):
    """Fields of a paper that follow from its text; they bear the names that they have there."""

    keywords: tuple[str, ...]
    language: str | None
    gist: str | None
    tasks: tuple[str, ...]
    datasets: tuple[str, ...]


def read(title: str, abstract: str) -> ReadingHelp:
    """Read a text that is clean. What goes by English words is left out where the language is another."""
    code = language(title, abstract)
    english = code in {None, "en"}
    return ReadingHelp(
        keywords=keywords(title, abstract),
        language=code,
        gist=gist(title, abstract) if english else None,
        tasks=tasks(title, abstract) if english else (),
        datasets=datasets(title, abstract),
    )
