"""The form of a subscription: its fields as they were typed, and the subscription that they describe. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import ValidationError

from services.notifier.fields.likes_from import LikesPlace, cites_place, written
from services.notifier.pages.channel_inputs import INPUTS
from services.notifier.pages.form_choices import BY_MAIL, CHANGES, CHIPS, GATHERED, KEPT, TRENDING, VOLUMES
from services.notifier.pages.form_problems import FormError
from services.notifier.pages.place_inputs import PLACES, typed_of
from services.notifier.subscription.digest_schedule import Daily, Schedule
from services.notifier.subscription.model import NewSubscription, Subscription, SubscriptionPatch
from services.notifier.subscription.sensitivity import Volume

MAX_LEFT_OUT: Final = 10
_BETWEEN: Final = re.compile(r"\s+|,(?=\s|$|10\.\d|arxiv:|doi:|https?:|\d{4}[.-]\d{4})", re.IGNORECASE)
"""What stands between the papers of a reader: spaces, and commas that are no part of a DOI."""
_MAX_TERM: Final = 100
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """The fields as they were typed. Without a condition the subscription is to trending papers.

    `lists` are the values of `CHIPS`; `left_out` are conditions of a search that a subscription cannot have; `typed`
    are the inputs of channels and of places by their names; `titles` are those of papers by their ids, as far as they
    are known; `likes_from` is the type of the place that liked papers come from, and `kept` the place that a
    subscription has. `likes_from`, `only_if` and `language` are None in a form that does not show them, and stay then.
    `cites` are words that name the reader's own papers; `dropped` are the inputs whose secrets were typed and are not
    shown again. `once` makes sending the form twice have the effect of once.
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
    likes_from: str | None = None
    only_if: str | None = None
    language: str | None = None
    cites: str = ""
    changes: tuple[str, ...] = ("new",)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    kept: LikesPlace | None = None
    dropped: frozenset[str] = frozenset()

    @classmethod
    def read(cls, fields: Fields) -> "SubscribeForm":
        """Read the known fields; an empty field has its default."""
        texts = {name: text for name in _TEXTS if (text := _first(fields, name)) or name in _CLEARED & fields.keys()}
        if texts.get("channel", BY_MAIL) not in GATHERED:
            texts.setdefault("often", "instant")
        if texts.get("likes_from") not in ("", *PLACES):
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
            kept=None,
            dropped=frozenset(),
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
            likes_from=one.likes_from.type if one.likes_from else "",
            only_if=one.only_if or "",
            language=one.language or "",
            typed=typed_of(one.likes_from) if one.likes_from else {},
            kept=one.likes_from,
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
        pairs += [(name, text) for name, text in self.safe.typed.items() if name.startswith(f"{self.likes_from}.")]
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
        shown = {name: text for name, text in self.typed.items() if _INPUTS[name] == "text"}
        return replace(self, typed=shown, dropped=self.dropped | (self.typed.keys() - shown.keys()))

    @property
    def keeps_key(self) -> bool:
        """Whether the place that a subscription has comes with a key."""
        return self.kept is not None and bool(self.kept.secrets())

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
            criteria["likes_from"] = PLACES[self.likes_from].settings(self.typed, self.kept)
        if self.only_if:
            criteria["only_if"] = self.only_if
        if self.cites:
            criteria["cites"] = self._cites()
        if self.has_vector and self.per_week != KEPT:
            criteria["sensitivity"] = {"per_week": _number(self.per_week)}
        return criteria

    def _cites(self) -> dict[str, Any]:
        if self.changes != ("new",):
            raise FormError({"cites": "Papers that cite yours are sent once, as new ones: check only “is new”."})
        try:
            return cites_place(list(filter(None, _BETWEEN.split(self.cites))))
        except ValueError as error:
            raise FormError({"cites": f"The field for your papers {error}."}) from error

    def schedule(self) -> Any:  # noqa: ANN401  # as the API takes it
        """Return the schedule as the API takes it."""
        if self.often == "instant":
            return "instant"
        clock = {"daily": self.at} if self.often == "daily" else {"weekly": {"day": self.day, "at": self.at}}
        return clock | {"timezone": self.timezone, "when_complete": bool(self.complete)}

    def subscription(self) -> NewSubscription:
        """Return the subscription.

        Raises:
            FormError: a field is not valid; its sentences say what to change.

        """
        inputs = INPUTS.get(self.channel)
        if inputs is None:
            raise FormError({"channel": "Choose where the papers are sent."})
        criteria = self.criteria() | {"channel": inputs.settings(self.typed), "schedule": self.schedule()}
        criteria |= {name: text for name in ("name", "language") if (text := getattr(self, name))}
        try:
            return NewSubscription.model_validate(criteria)
        except ValidationError as error:
            raise FormError.of(error) from error

    def patch(self) -> SubscriptionPatch:
        """Return the change that makes a subscription what the form has; what the form does not show stays.

        Raises:
            FormError: a field is not valid; its sentences say what to change.

        """
        shown = [name for name in _CLEARED if getattr(self, name) is not None]
        cleared: dict[str, Any] = dict.fromkeys((*CHIPS, "query", "has_code", "cites", *shown))
        if not self.has_vector:
            cleared["sensitivity"] = None
        named: dict[str, Any] = {"name": self.name or None, "schedule": self.schedule()}
        if self.language:
            named["language"] = self.language
        try:
            return SubscriptionPatch.model_validate(cleared | self.criteria() | named)
        except ValidationError as error:
            raise FormError.of(error) from error


_CLEARED: Final = {"likes_from", "only_if", "language"}
"""The fields that an empty text clears, and that a form without them leaves as they are."""
_OTHERS: Final = frozenset({"changes", "lists", "left_out", "typed", "titles", "kept", "dropped"})
_TEXTS: Final = tuple(name for name in SubscribeForm.__slots__ if name not in _OTHERS)
_INPUTS: Final = {
    one.name: "secret" if one.kind in ("password", "lines") else "text"
    for inputs in (
        *((*channel.needed, *channel.optional) for channel in INPUTS.values()),
        *(place.inputs for place in PLACES.values()),
    )
    for one in inputs
}
"""The inputs of all channels and places; the lines of a webhook's headers hold secrets too."""


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
