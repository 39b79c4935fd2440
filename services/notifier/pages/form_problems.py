"""What is wrong with a form of a subscription: a sentence for each field. Pure."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.notifier.pages.channel_inputs import INPUTS, Input
from services.notifier.pages.form_choices import MORE
from services.notifier.pages.place_inputs import PLACES
from shared.validation_sentences import predicate

_FIELDS: Final = {
    "query": ("q", "The interest"),
    "name": ("name", "The name"),
    "timezone": ("timezone", "The time zone"),
    "daily": ("at", "The time"),
    "at": ("at", "The time"),
    "day": ("day", "The day"),
    "categories": ("category", "The categories"),
    "cites": ("cites", "The field for your papers"),
    "per_week": ("per_week", "The number of papers a week"),
    "only_if": ("only_if", "The condition"),
    "language": ("language", "The language"),
    **{name: (f"{name}_more", label.partition(",")[0]) for name, label in MORE.items()},
}
"""The inputs of fields of the API, and what a sentence calls them."""
_TIMES: Final = ("daily", "at")
_OWN_SUBJECT: Final = "needs "
_NESTED: Final = 3
"""Parts of the place of an error in a channel or a place of liked papers: the field, its type, its own field."""


class FormError(ValueError):
    """A form that is not valid. `problems` are sentences by the names of inputs; "" is the form as a whole."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems

    @classmethod
    def of(cls, error: ValidationError) -> "FormError":
        """Return the error of a form whose subscription is not valid."""
        problems: dict[str, str] = {}
        for problem in error.errors(include_url=False, include_input=False):
            name, sentence = _problem(problem)
            problems.setdefault(name, sentence)
        return cls(problems)


def problems_of(error: Exception) -> Mapping[str, str]:
    """Return the sentences of an error by the names of inputs."""
    return error.problems if isinstance(error, FormError) else {"": str(error)}


def _problem(problem: ErrorDetails) -> tuple[str, str]:
    """Return the name of the input that an error is about, and a sentence."""
    place = [str(part) for part in problem["loc"]]
    (name, label), message = _input(place), predicate(problem)
    if place and place[-1] in _TIMES:
        message = "must be hours and minutes, such as 08:00"
    apart = not message.startswith(("must", "is ", _OWN_SUBJECT))
    return name, f"{label}: {message}." if apart else f"{label} {message}."


def _input(place: list[str]) -> tuple[str, str]:
    """Return the name and the label of the input of the field at a place."""
    if place[:1] == ["channel"] and len(place) >= _NESTED:
        channel = INPUTS[place[1]]
        return _among((*channel.needed, *channel.optional), place[2]) or ("", "The channel")
    if place[:1] == ["likes_from"] and len(place) >= _NESTED and place[1] in PLACES:
        return _among(PLACES[place[1]].inputs, place[2]) or ("", "The place")
    return next((_FIELDS[part] for part in reversed(place) if part in _FIELDS), ("", "The subscription"))


def _among(inputs: tuple[Input, ...], field: str) -> tuple[str, str] | None:
    return next(((one.name, one.label) for one in inputs if one.field == field), None)
