"""The form of a subscription: its fields as they were typed, and the subscription that they describe. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import available_timezones

from pydantic import ValidationError

from services.notifier.fields.likes_from import cites_place, written
from services.notifier.pages.channel_inputs import INPUTS
from services.notifier.subscription.digest_schedule import Daily, Schedule, Weekday
from services.notifier.subscription.model import NewSubscription, Subscription, SubscriptionPatch
from services.notifier.subscription.sensitivity import Volume
from shared.validation_sentences import predicate

OFTEN: Final = (("daily", "Every day"), ("weekly", "Every week"), ("instant", "As soon as a paper is found"))
VOLUMES: Final = ("5", "20", "50")
DAYS: Final = tuple(day.value for day in Weekday)
TRENDING: Final = "trending"
BY_MAIL: Final = "email"
_GATHERED: Final = (BY_MAIL, "feed")
"""The channels for which a digest is the usual schedule; others get alerts as soon as a paper is found."""
KEPT: Final = "kept"
"""The choice of a volume that leaves the threshold of a subscription as it is."""
CHANGES: Final = {
    "new": "is new", "revised": "is revised", "published": "is published in a venue", "code_added": "gets code",
    "withdrawn": "is withdrawn", "restored": "is no longer withdrawn", "trending": "is trending",
    "signals": "gets upvotes, citations, stars or comments",
}  # fmt: skip
"""The changes in words that follow "when a paper"."""
CHIPS: Final = {
    "like": "like {}", "unlike": "not like {}", "must": "“{}”", "any": "any of “{}”", "not": "not “{}”",
    "authors": "by {}", "mute_authors": "not by {}", "sources": "seen at {}",
}  # fmt: skip
"""The lists of a subscription by the names of the API, and how a value is shown."""
MORE: Final = {
    "authors": "Authors, any of them", "must": "Phrases that must all occur", "any": "Phrases of which one must occur",
    "not": "Phrases that must not occur", "sources": "Sources, any of them", "mute_authors": "Authors to leave out",
    "like": "Ids of papers to match, such as arXiv:2401.00001", "unlike": "Ids of papers to avoid",
}  # fmt: skip
"""The lists to which values can be added, one a line, and their labels."""
OWN_LIST: Final = "reading-list"
MAX_LEFT_OUT: Final = 10
_MAX_TERM: Final = 100
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """The fields as they were typed. Without a condition the subscription is to trending papers.

    `lists` are the values of `CHIPS`; `left_out` are conditions of a search that a subscription cannot have; `typed`
    are the inputs of channels by their names; `titles` are those of papers by their ids, as far as they are known;
    `likes_from` is `OWN_LIST` if papers are to be like those on the reader's reading list; `cites` are words that name
    the reader's own papers; `once` makes sending the form twice have the effect of once.
    """

    q: str = ""
    name: str = ""
    category: str = ""
    has_code: str = ""
    often: str = "daily"
    at: str = "08:00"
    day: str = "monday"
    timezone: str = "UTC"
    per_week: str = "20"
    complete: str = ""
    channel: str = BY_MAIL
    once: str = ""
    likes_from: str = ""
    cites: str = ""
    changes: tuple[str, ...] = ("new",)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, fields: Fields) -> "SubscribeForm":
        """Read the known fields; an empty field has its default."""
        texts = {name: text for name in _TEXTS if (text := _first(fields, name))}
        if texts.get("channel", BY_MAIL) not in _GATHERED:
            texts.setdefault("often", "instant")
        if texts.get("likes_from") != OWN_LIST:
            texts.pop("likes_from", None)
        changes = tuple(one for one in fields.get("changes", ()) if one in CHANGES)
        usual = ("new", "code_added") if texts.get("has_code") == "true" else ("new",)
        left_out = (" ".join(term.split())[:_MAX_TERM] for term in fields.get("left_out", ())[:MAX_LEFT_OUT])
        return cls(
            **texts,
            changes=changes or usual,
            lists={name: values for name in CHIPS if (values := _values(fields, name))},
            left_out=tuple(filter(None, left_out)),
            typed={name: text for name in _INPUTS if (text := _first(fields, name))},
            titles={},
        )

    @classmethod
    def of(cls, one: Subscription) -> "SubscribeForm":
        """Return the form of a subscription as it is, to be edited."""
        lists = one.model_dump(by_alias=True, include=set(CHIPS) | {"not_"})
        wanted = one.sensitivity
        form = cls(
            q=one.query or "",
            name=one.name,
            category=" ".join(one.categories),
            has_code="" if one.has_code is None else str(one.has_code).lower(),
            per_week=f"{wanted.per_week:g}" if isinstance(wanted, Volume) else KEPT,
            channel=one.channel.type,
            cites=written(one.cites) if one.cites else "",
            changes=tuple(kind.value for kind in one.changes),
            lists={name: tuple(lists[name]) for name in CHIPS if lists[name]},
        )
        return form._at(one.schedule)

    def _at(self, schedule: Schedule) -> "SubscribeForm":
        """Return the form with a schedule."""
        if isinstance(schedule, str):
            return replace(self, often="instant")
        complete = "yes" if schedule.when_complete else ""
        form = replace(self, timezone=schedule.timezone, complete=complete)
        if isinstance(schedule, Daily):
            return replace(form, often="daily", at=schedule.daily)
        return replace(form, often="weekly", at=schedule.weekly.at, day=schedule.weekly.day.value)

    def chip(self, name: str, value: str) -> str:
        """Return how a value of a list is shown."""
        return CHIPS[name].format(f"“{self.titles[value]}”" if value in self.titles else value)

    @property
    def query(self) -> str:
        """The interest and its conditions as the query of the form's address."""
        named = ((name, getattr(self, name)) for name in ("q", "category", "has_code", "likes_from", "cites"))
        pairs = [(name, text) for name, text in named if text]
        pairs += [(name, value) for name, values in self.lists.items() for value in values]
        pairs += [("left_out", term) for term in self.left_out]
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def categories(self) -> list[str]:
        """The categories, separated by commas or spaces."""
        return self.category.replace(",", " ").split()

    @property
    def has_vector(self) -> bool:
        """Whether papers are compared by meaning, so that a volume can be wanted."""
        return bool(self.q or self.lists.get("like") or self.likes_from)

    @property
    def is_trending(self) -> bool:
        """Whether nothing but categories is asked for: a subscription to trending papers."""
        exact = any(self.lists.get(name) for name in ("must", "any", "authors", "sources"))
        return not (self.has_vector or self.cites or exact)

    @property
    def safe(self) -> "SubscribeForm":
        """The form without what was typed as a secret: a page never shows it again."""
        return replace(self, typed={name: text for name, text in self.typed.items() if _INPUTS[name] == "text"})

    def criteria(self) -> dict[str, Any]:
        """Return the criteria as the API takes them.

        Raises:
            ValueError: the papers of the reader are not named as they have to be; the text says what to change.

        """
        criteria: dict[str, Any] = {name: list(values) for name, values in self.lists.items()}
        criteria |= {"categories": self.categories, "changes": [TRENDING] if self.is_trending else list(self.changes)}
        if self.has_code:
            criteria["has_code"] = self.has_code == "true"
        if self.q:
            criteria["query"] = self.q
        if self.likes_from:
            criteria["likes_from"] = {"type": self.likes_from}
        if self.cites:
            criteria["cites"] = self._cites()
        if self.has_vector and self.per_week != KEPT:
            criteria["sensitivity"] = {"per_week": _number(self.per_week)}
        return criteria

    def _cites(self) -> dict[str, Any]:
        try:
            return cites_place(self.cites.replace(",", " ").split())
        except ValueError as error:
            raise ValueError(f"The field for your papers {error}.") from error

    def schedule(self) -> Any:  # noqa: ANN401  # as the API takes it
        """Return the schedule as the API takes it."""
        if self.often == "instant":
            return "instant"
        clock = {"daily": self.at} if self.often == "daily" else {"weekly": {"day": self.day, "at": self.at}}
        return clock | {"timezone": self.timezone, "when_complete": bool(self.complete)}

    def subscription(self) -> NewSubscription:
        """Return the subscription.

        Raises:
            ValueError: a field is not valid; the text says what to change.

        """
        inputs = INPUTS.get(self.channel)
        if inputs is None:
            raise ValueError("Choose where the papers are sent.")
        criteria = self.criteria() | {"channel": inputs.settings(self.typed), "schedule": self.schedule()}
        if self.name:
            criteria["name"] = self.name
        try:
            return NewSubscription.model_validate(criteria)
        except ValidationError as error:
            raise ValueError(_sentence(error)) from error

    def patch(self) -> SubscriptionPatch:
        """Return the change that makes a subscription what the form has; what the form does not show stays.

        Raises:
            ValueError: a field is not valid; the text says what to change.

        """
        cleared: dict[str, Any] = dict.fromkeys((*CHIPS, "query", "has_code", "cites"))
        if not self.has_vector:
            cleared["sensitivity"] = None
        named = {"name": self.name or None, "schedule": self.schedule()}
        try:
            return SubscriptionPatch.model_validate(cleared | self.criteria() | named)
        except ValidationError as error:
            raise ValueError(_sentence(error)) from error


_TEXTS: Final = tuple(
    name for name in SubscribeForm.__slots__ if name not in ("changes", "lists", "left_out", "typed", "titles")
)
_INPUTS: Final = {
    one.name: "secret" if one.kind in ("password", "lines") else "text"
    for channel in INPUTS.values()
    for one in (*channel.needed, *channel.optional)
}
"""The inputs of all channels; the lines of a webhook's headers hold secrets too."""


def _first(fields: Fields, name: str) -> str:
    return next((text.strip() for text in fields.get(name, ()) if text.strip()), "")


def _values(fields: Fields, name: str) -> tuple[str, ...]:
    """Return the values of a list: those that are kept, and those that were added, one a line."""
    added = (line for text in fields.get(f"{name}_more", ()) for line in text.splitlines())
    texts = (" ".join(text.split()) for text in (*fields.get(name, ()), *added))
    return tuple(dict.fromkeys(filter(None, texts)))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float(VOLUMES[1])


_NAMES: Final = {
    "query": "The interest",
    "name": "The name",
    "timezone": "The time zone",
    "daily": "The time",
    "at": "The time",
    "day": "The day",
    "categories": "The categories",
    "cites": "The field for your papers",
    "per_week": "The number of papers a week",
    **{name: label.partition(",")[0] for name, label in MORE.items()},
}
_TIMES: Final = ("daily", "at")
_OWN_SUBJECT: Final = "needs "


def _sentence(error: ValidationError) -> str:
    """Return a sentence about the first field that is not valid."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in problem["loc"]]
    name, message = _name(place), predicate(problem)
    if place and place[-1] in _TIMES:
        message = "must be hours and minutes, such as 08:00"
    return f"{name} {message}." if message.startswith(("must", "is ", _OWN_SUBJECT)) else f"{name}: {message}."


def _name(place: list[str]) -> str:
    """Return what the form calls the field at a place."""
    if place[:1] == ["channel"] and len(place) > 2:  # noqa: PLR2004  # channel, its type, its field
        return INPUTS[place[1]].label_of(place[2]) or "The channel"
    return next((_NAMES[part] for part in reversed(place) if part in _NAMES), "The subscription")


def zones() -> list[str]:
    """Return the names of time zones that a reader may choose."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]
