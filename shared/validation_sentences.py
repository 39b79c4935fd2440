"""What is wrong with a value, in words: the errors of pydantic as predicates, such as "is required". Pure."""

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

_FORMS: Final[Mapping[str, str]] = {
    r"^\^https\?://": "must be an http or https address",
    r"^\^\(rediss\?\|unix\)://": "must begin with redis://, rediss:// or unix://",
    r"^\^\(([\w|]+)\)\$$": "must be one of {0}",
    r"^\^\[a-z\]\+/": "must be a media type such as application/json",
    r"^\^\(\[01\]\[0-9\]": "must be hours and minutes, such as 08:00",
}
"""The patterns of our settings and fields, and how each is said."""
_A_DAY: Final = "must be a day, such as 2024-01-31"
_TYPES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "string_unicode": "must not contain lone surrogates",
    "date_from_datetime_inexact": _A_DAY,
    "date_from_datetime_parsing": _A_DAY,
    "date_parsing": _A_DAY,
    "date_type": _A_DAY,
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "union_tag_not_found": "needs a type",
}
_VERBS: Final = ("does ", "has ", "is ", "may ", "must ", "needs ")
_COUNTED: Final = re.compile(r" after validation, not \d+$")
_SUBJECT: Final = re.compile(r"^(?:Input|String|List|Tuple|Value|Dictionary|Data|URL|Datetime|Date) should ")


def predicate(error: ErrorDetails, known: Collection[str] = ()) -> str:
    """Return what is wrong with the field of an error, without a full stop; `known` are the fields beside it."""
    by_type: Mapping[str, Callable[[], str]] = {
        "too_long": lambda: plain(error["msg"].replace(" items", _unit(error))),
        "too_short": lambda: plain(error["msg"].replace(" items", _unit(error))),
        "extra_forbidden": lambda: _TYPES["extra_forbidden"] + _nearest(str(error["loc"][-1]), known),
        "string_pattern_mismatch": lambda: _form(str(error["ctx"]["pattern"])),
        "union_tag_invalid": lambda: f"has an unknown type: choose one of {error['ctx']['expected_tags']}",
    }
    kind = error["type"]
    if kind in by_type and (kind == "extra_forbidden" or "ctx" in error):
        return by_type[kind]()
    return _TYPES.get(kind) or plain(error["msg"])


def plain(error_text: str) -> str:
    """Return the text of an error of pydantic as a predicate, without the names of its types."""
    said = error_text.removeprefix("Value error, ").rstrip(".").partition(", unable to parse ")[0]
    said = said.replace("does not match the formats '%Y-%m-%d'", "is not a date such as 2026-01-31")
    return _COUNTED.sub("", _SUBJECT.sub("must ", said))


def sentence(field: str, problem: str) -> str:
    """Return a sentence of a field and what is wrong with it; without a field, `problem` is the sentence."""
    if not field:
        return f"{problem}."
    return f"{field} {problem}." if problem.startswith(_VERBS) else f"{field}: {problem}."


def place(error: ErrorDetails, given: Any) -> str:  # noqa: ANN401  # whatever was checked
    """Return the field of an error as a path in what was given, without the names that unions add to it."""
    parts: list[str] = []
    here = given
    for part in error["loc"]:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            if error["type"] != "missing" or part != error["loc"][-1]:
                continue
        parts.append(str(part))
    return ".".join(parts)


def _unit(error: ErrorDetails) -> str:
    """Return what is counted: pydantic calls a text whose form was checked first a value, and its characters items."""
    return " characters" if error["ctx"].get("field_type") == "Value" else " items"


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; the nearest is {near[0]}" if near else ""


def _form(pattern: str) -> str:
    for form, words in _FORMS.items():
        if found := re.match(form, pattern):
            return words.format(*(group.replace("|", ", ") for group in found.groups()))
    return "does not have the form that its description gives"
