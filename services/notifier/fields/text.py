"""The allowed text of a subscriber: one rule for every field."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from shared.papers.names import canonical_id
from shared.papers.titles import fold
from shared.text.spoken_languages import LANGUAGES

_BREAKS = "\n\r\t"


def _plain(value: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _BREAKS for c in value):
        raise PydanticCustomError("text", "must not contain control characters or lone surrogates")
    if not value.strip():
        raise PydanticCustomError("text", "must not be empty")
    return value.strip()


def _words(value: str) -> str:
    if not fold(value):
        raise PydanticCustomError("words", "must contain at least one letter or digit")
    return _line(value)


def _line(value: str) -> str:
    return " ".join(value.split())


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _known_language(value: str) -> str:
    if value not in LANGUAGES:
        raise PydanticCustomError("language", f"must be one of {', '.join(LANGUAGES)}")
    return value


Text = Annotated[str, AfterValidator(_plain)]
Line = Annotated[Text, AfterValidator(_line)]
"""What stands in the subject of a mail or the title of a feed: breaks in it, as of a pasted text, are spaces."""
Words = Annotated[Text, Field(max_length=200), AfterValidator(_words)]
Phrases = Annotated[tuple[Words, ...], Field(max_length=50), AfterValidator(_once)]
Labels = Annotated[tuple[Annotated[Text, Field(max_length=200)], ...], Field(max_length=200), AfterValidator(_once)]
People = Annotated[tuple[Words, ...], Field(max_length=500), AfterValidator(_once)]
LanguageCode = Annotated[str, AfterValidator(_known_language)]
"""ISO 639-1."""
PaperId = Annotated[Text, Field(max_length=500), AfterValidator(canonical_id)]
PaperIds = Annotated[tuple[PaperId, ...], Field(max_length=100), AfterValidator(_once)]
WatchedIds = Annotated[tuple[PaperId, ...], Field(max_length=1_000), AfterValidator(_once)]
