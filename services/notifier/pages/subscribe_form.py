"""The form that subscribes an e-mail address: its fields, and the subscription that they describe. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from pydantic import ValidationError

from services.notifier.subscription.digest_schedule import Weekday
from services.notifier.subscription.model import NewSubscription
from shared.validation_sentences import predicate

OFTEN: Final = (("daily", "Every day"), ("weekly", "Every week"), ("instant", "As soon as a paper is found"))
VOLUMES: Final = ("5", "20", "50")
DAYS: Final = tuple(day.value for day in Weekday)
TRENDING: Final = "trending"


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """The fields as they were typed. Without a query the subscription is to trending papers."""

    q: str = ""
    address: str = ""
    category: str = ""
    often: str = "daily"
    at: str = "08:00"
    day: str = "monday"
    timezone: str = "UTC"
    per_week: str = "20"
    complete: str = ""

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "SubscribeForm":
        """Read the known fields; an empty field has its default."""
        known = {name: fields[name].strip() for name in cls.__slots__ if fields.get(name, "").strip()}
        return cls(**known)

    @property
    def categories(self) -> list[str]:
        """The categories, separated by commas or spaces."""
        return self.category.replace(",", " ").split()

    def criteria(self) -> dict[str, Any]:
        """Return the criteria as the API takes them."""
        criteria: dict[str, Any] = {"categories": self.categories, "changes": ["new"]}
        if self.q:
            volume = float(self.per_week) if self.per_week in VOLUMES else float(VOLUMES[1])
            return criteria | {"query": self.q, "sensitivity": {"per_week": volume}}
        return criteria | {"changes": [TRENDING]}

    def subscription(self) -> NewSubscription:
        """Return the subscription.

        Raises:
            ValueError: a field is not valid; the text says what to change.

        """
        schedule: Any = "instant"
        if self.often != "instant":
            clock = {"daily": self.at} if self.often == "daily" else {"weekly": {"day": self.day, "at": self.at}}
            schedule = clock | {"timezone": self.timezone, "when_complete": bool(self.complete)}
        channel = {"type": "email", "address": self.address}
        try:
            return NewSubscription.model_validate(self.criteria() | {"channel": channel, "schedule": schedule})
        except ValidationError as error:
            raise ValueError(_sentence(error)) from error


_NAMES: Final = {
    "address": "The address",
    "query": "The interest",
    "timezone": "The time zone",
    "daily": "The time",
    "at": "The time",
    "day": "The day",
    "categories": "The categories",
}


_TIMES: Final = ("daily", "at")


def _sentence(error: ValidationError) -> str:
    """Return a sentence about the first field that is not valid."""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = next((str(part) for part in reversed(problem["loc"]) if str(part) in _NAMES), "")
    name, message = _NAMES.get(field, "The subscription"), predicate(problem)
    if field in _TIMES:
        message = "must be hours and minutes, such as 08:00"
    return f"{name} {message}." if message.startswith("must") else f"{name} is not valid: {message}."


def zones() -> list[str]:
    """Return the names of time zones that a reader may choose."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]
