"""The types of what clients send: text, names, authors and days, checked before anything reads them."""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from services.search.query import dates
from shared.papers.person_names import wanted_keys

# Control characters except tab and line ends, and the character that stands for bytes that are not UTF-8.
_UNTYPABLE = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd"


def _typable(text: str) -> str:
    if re.search(f"[{_UNTYPABLE}]", text):
        raise ValueError("the text contains control characters, or bytes that are not UTF-8")
    return text


def _author(name: str) -> str:
    if not wanted_keys(name):
        raise ValueError("an author's name must contain letters")
    return " ".join(name.split())


PLAIN = (AfterValidator(_typable), Field(json_schema_extra={"pattern": f"^[^{_UNTYPABLE}]*$"}))
"""Marks a string that may hold no control characters."""
MAX_TEXT: Final = 1_000
"""Characters of a query."""
Text = Annotated[str, Field(max_length=MAX_TEXT), *PLAIN]
Name = Annotated[str, Field(min_length=1, max_length=200), *PLAIN]
Author = Annotated[Name, AfterValidator(_author)]
"""The name of a person or a group."""
Day = Annotated[date, BeforeValidator(dates.day)]
