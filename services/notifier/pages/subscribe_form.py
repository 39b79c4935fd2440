"""The form of the page that subscribes an address: what it holds, and the subscription that it asks for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from pydantic import ValidationError

from services.notifier.subscription.digest_schedule import Weekday
from services.notifier.subscription.model import NewSubscription

OFTEN: Final = (("daily", "Every day"), ("weekly", "Every week"), ("instant", "As soon as it is found"))
VOLUMES: Final = ("5", "20", "50")
DAYS: Final = tuple(day.value for day in Weekday)
TRENDING: Final = "trending"


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """The fields as they were typed. Without a query the subscription is to what is trending."""

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
        """Read the fields that there are; a field left empty has its default."""
        known = {name: fields[name].strip() for name in cls.__slots__ if fields.get(name, "").strip()}
        return cls(**known)

    @property
    def categories(self) -> list[str]:
        """The categories, typed with commas or spaces between them."""
        return self.category.replace(",", " ").split()

    def wish(self) -> dict[str, Any]:
        """Give what is wanted as the API takes it."""
        wish: dict[str, Any] = {"categories": self.categories, "changes": ["new"]}
        if self.q:
            volume = float(self.per_week) if self.per_week in VOLUMES else float(VOLUMES[1])
            return wish | {"query": self.q, "sensitivity": {"per_week": volume}}
        return wish | {"changes": [TRENDING]}

    def subscription(self) -> NewSubscription:
        """Give the subscription that is asked for.

        Raises:
            ValueError: it cannot be; the text says what to change.

        """
        schedule: Any = "instant"
        if self.often != "instant":
            clock = {"daily": self.at} if self.often == "daily" else {"weekly": {"day": self.day, "at": self.at}}
            schedule = clock | {"timezone": self.timezone, "when_complete": bool(self.complete)}
        channel = {"type": "email", "address": self.address}
        try:
            return NewSubscription.model_validate(self.wish() | {"channel": channel, "schedule": schedule})
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
            field = next((str(part) for part in reversed(problem["loc"]) if str(part) in _NAMES), "")
            raise ValueError(f"{_NAMES.get(field, 'What you asked for')} {_verb(problem['msg'])}.") from error


_NAMES: Final = {
    "address": "The address",
    "query": "The sentence",
    "timezone": "The time zone",
    "daily": "The hour",
    "at": "The hour",
    "day": "The day",
    "categories": "The categories",
}


def _verb(message: str) -> str:
    """Make a message go on after what it is about."""
    return message if message.startswith("must") else f"cannot be so: {message}"


def zones() -> list[str]:
    """List the time zones that a reader may be in."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]
