"""Extraction: what a title and an abstract say beyond their words. Offline, and only where it is certain."""

from typing import NamedTuple

from services.enricher.text.gist import gist
from services.enricher.text.keywords import keywords
from services.enricher.text.language import language
from services.enricher.text.mentions import datasets, tasks


class Extracted(NamedTuple):
    """Fields of a paper that follow from its text, under their names in `Paper`."""

    keywords: tuple[str, ...]
    language: str | None
    gist: str | None
    tasks: tuple[str, ...]
    datasets: tuple[str, ...]


def extract(title: str, abstract: str) -> Extracted:
    """Extract from a clean text. Fields that need English words stay empty where the language is another one."""
    code = language(title, abstract)
    english = code in {None, "en"}
    return Extracted(
        keywords=keywords(title, abstract),
        language=code,
        gist=gist(title, abstract) if english else None,
        tasks=tasks(title, abstract) if english else (),
        datasets=datasets(title, abstract),
    )
