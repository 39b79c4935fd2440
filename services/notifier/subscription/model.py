"""Subscriptions: what they match, where and when their alerts are sent. Models, their validation, and ids."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, computed_field, model_validator
from pydantic_core import PydanticCustomError, PydanticUndefined

from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.likes_from import Cites, LikesFrom
from services.notifier.fields.text import Labels, LanguageCode, Line, PaperIds, People, Phrases, Text, WatchedIds
from services.notifier.subscription.digest_schedule import Schedule
from services.notifier.subscription.followed import CitationsRead, Followed
from services.notifier.subscription.sensitivity import (
    Sensitivity,
    Tuning,
    Volume,
    default_sensitivity,
    default_threshold,
)
from shared.http.api import Body
from shared.papers.paper import ChangeKind, Model

_NAMESPACE: Final = uuid.UUID("0a4d7c1e-2f0b-5b58-8f3b-6a1c2b7e9d40")


def derived_id(name: str) -> str:
    """Return the UUID that belongs to a name, the same one every time."""
    return str(uuid.uuid5(_NAMESPACE, name))


class MinSignals(Body):
    """The least counters that a paper must have; an unknown counter does not match."""

    upvotes: int | None = Field(default=None, ge=0, strict=True)
    citations: int | None = Field(default=None, ge=0, strict=True)
    stars: int | None = Field(default=None, ge=0, strict=True)
    comments: int | None = Field(default=None, ge=0, strict=True)


Counter = Literal["upvotes", "citations", "stars", "comments"]
Changes = Annotated[
    tuple[ChangeKind, ...], Field(min_length=1), AfterValidator(lambda value: tuple(dict.fromkeys(value)))
]
Name = Annotated[Line, Field(max_length=200)]
Sentence = Annotated[Text, Field(max_length=20_000)]
PlainCondition = Annotated[Line, Field(max_length=300)]


class Interest(Body):
    """The conditions of a subscription. Every condition that is set has to hold."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    query: Sentence | None = Field(default=None, description="in plain words; a pasted abstract is fine")
    like: PaperIds = Field(default=(), description="ids of papers; papers like them match")
    unlike: PaperIds = Field(default=(), description="ids of papers; papers like them match less")
    likes_from: LikesFrom | None = Field(
        default=None, description="a place whose papers are added to `like`, and leave it when they leave the place"
    )
    cites: Cites | None = Field(
        default=None,
        description="where your papers are listed: only papers that cite one of them match, each once, from the first "
        "visit on",
    )
    must: Phrases = Field(default=(), description="phrases that all have to occur in title or abstract")
    any: Phrases = Field(default=(), description="phrases of which one has to occur")
    not_: Phrases = Field(default=(), alias="not", description="phrases of which none may occur")
    categories: Labels = Field(default=(), description="one of these")
    authors: People = Field(default=(), description="one of these")
    sources: Labels = Field(default=(), description="seen in one of these")
    min_signals: MinSignals | None = None
    has_code: bool | None = Field(
        default=None, strict=True, description="whether a code repository is known; null: either"
    )
    papers: WatchedIds = Field(default=(), description="only these papers: alerts on their changes")
    mute_authors: People = Field(default=(), description="none of these")
    counters: tuple[Counter, ...] = Field(
        default=(), max_length=4, description="alert on the change `signals` only if one of these counters grew"
    )
    only_if: PlainCondition | None = Field(
        default=None,
        description="a condition in plain words, such as “there is a user study”, that the operator's language model "
        "checks for each match before its alert; where it cannot, the alert is sent and says so",
    )


Condition = Annotated[Line, Field(max_length=300)]


class Criteria(Interest):
    """What a subscription matches: conditions, changes of a paper, and a threshold."""

    name: Name | None = Field(default=None, description="for the reader; derived from the conditions if left out")
    changes: Changes = Field(default=(ChangeKind.NEW,), description="the changes of a paper to alert on")
    sensitivity: Sensitivity = Field(
        default_factory=default_sensitivity,
        description="the least score of a match, 0 to 1, or a volume; if left out, 0.45 for a sentence and "
        "more for a pasted abstract",
    )

    @model_validator(mode="after")
    def _something_to_match(self) -> Self:
        if self.everything and self.changes != (ChangeKind.TRENDING,):
            names = "query, like, likes_from, cites, must, any, categories, authors, sources and papers"
            message = f"needs at least one of {names}"
            raise PydanticCustomError("interest", message)
        if self.unlike and not self.has_vector:
            raise PydanticCustomError("interest", "unlike needs query or like")
        if self.counters and ChangeKind.SIGNALS not in self.changes:
            raise PydanticCustomError("interest", "counters needs signals in changes")
        if self.cites and self.changes != (ChangeKind.NEW,):
            raise PydanticCustomError("interest", "cites needs changes to be new alone: it tells of each paper once")
        if isinstance(self.sensitivity, Volume) and not self.has_vector:
            raise PydanticCustomError("interest", "per_week needs query or like")
        return self

    @property
    def everything(self) -> bool:
        """Whether no condition is set, so that every paper matches; only for the change `trending`."""
        exact = self.must or self.any or self.categories or self.authors or self.sources or self.papers
        return not (self.has_vector or self.cites or exact)

    @property
    def has_vector(self) -> bool:
        """Whether papers are compared by meaning, or by the exact conditions only."""
        return bool(self.query or self.like or self.likes_from)

    @property
    def threshold(self) -> float:
        """The least score of a match; 0 if papers are not compared by meaning, as every score is 0 then."""
        if not self.has_vector:
            return 0.0
        return default_threshold(self.query) if isinstance(self.sensitivity, Volume) else self.sensitivity

    @property
    def title(self) -> str:
        """The name, or one derived from the conditions."""
        if self.name:
            return self.name
        exact = (*self.must, *self.any, *self.authors, *self.categories, *self.like, *self.sources, *self.papers)
        place = f"Cites {self.cites}" if self.cites else f"Like {self.likes_from}" if self.likes_from else ""
        return (self.query or place or ", ".join(exact) or "Trending papers")[:80]


class NewSubscription(Criteria):
    """What a client sends to subscribe."""

    channel: AnyChannel
    schedule: Schedule = "instant"
    merge: bool = Field(
        default=False,
        strict=True,
        description="send one alert if several subscriptions of this key to this channel match and set `merge`",
    )
    language: LanguageCode | None = Field(
        default=None, description="ISO 639-1: of summaries in its alerts, if the operator's language model writes it"
    )

    @model_validator(mode="after")
    def _alone_with_a_condition(self) -> Self:
        if self.only_if and self.merge:
            raise PydanticCustomError("interest", "cannot have both only_if and merge: leave out one of them")
        if self.cites and self.merge:
            raise PydanticCustomError("interest", "cannot have both cites and merge: leave out one of them")
        return self

    @model_validator(mode="after")
    def _a_digest_of_everything(self) -> Self:
        if self.everything and self.schedule == "instant" and self.channel.transport is not None:
            raise PydanticCustomError(
                "interest", "needs a daily or weekly schedule: a subscription to all trending papers sends only digests"
            )
        return self


class SubscriptionPatch(Interest):
    """What a client sends to change a subscription: a field left out stays, null restores the default."""

    name: Name | None = None
    changes: Changes | None = None
    sensitivity: Sensitivity | None = None
    channel: AnyChannel | None = None
    schedule: Schedule | None = None
    merge: bool = Field(default=False, strict=True)
    language: LanguageCode | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_default(cls, data: Any) -> Any:  # noqa: ANN401  # whatever the client sent
        if not isinstance(data, dict):
            return data
        fields = {field.alias or name: field for name, field in NewSubscription.model_fields.items()}
        optional = {name: field.default for name, field in fields.items() if field.default is not PydanticUndefined}
        return {name: optional.get(name) if value is None else value for name, value in data.items()}


class Status(StrEnum):
    """Whether a subscription is active; its owner pauses it, Paperwire disables it, its address has to confirm it."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    UNCONFIRMED = "unconfirmed"


class State(Model):
    """The status of a subscription, since when, and the reason if Paperwire set it."""

    status: Status = Status.ACTIVE
    reason: str | None = None
    since: datetime


class Subscription(NewSubscription):
    """A subscription as the API shows it."""

    model_config = ConfigDict(extra="ignore")

    id: str
    name: Name
    state: State
    created_at: datetime
    updated_at: datetime
    tuning: Tuning | None = Field(default=None, description="how the threshold for a volume was found")
    following: Followed | None = Field(
        default=None, description="how `likes_from` was read; null before the first time"
    )
    citations: CitationsRead | None = Field(
        default=None, description="how it was asked who cites the papers of `cites`; null before the first time"
    )

    @computed_field(description="the current least score of a match")  # type: ignore[prop-decorator]
    @property
    def threshold(self) -> float:
        """The least score of a match; for a volume, the tuned one."""
        wanted = isinstance(self.sensitivity, Volume) and self.has_vector
        return self.tuning.threshold if wanted and self.tuning else super().threshold

    @property
    def active(self) -> bool:
        """Whether alerts are sent."""
        return self.state.status is Status.ACTIVE

    @property
    def matching(self) -> bool:
        """Whether papers are matched. A paused subscription with digests gathers them for the time after the pause."""
        return self.active or (self.state.status is Status.PAUSED and self.schedule != "instant")

    @property
    def follows(self) -> bool:
        """Whether the place of its liked papers is visited, so that it is known before the first alert."""
        return self.likes_from is not None and (self.matching or self.state.status is Status.UNCONFIRMED)

    @property
    def asks_for_citations(self) -> bool:
        """Whether it is asked who cites the papers of its owner."""
        return self.cites is not None and self.matching


class SubscriptionWithSecret(Subscription):
    """A subscription with the secret that signs its alerts, shown only once."""

    secret: str
    notes: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda notes: not notes,
        description="what of it this instance cannot do, and what to set; left out if there is nothing to say",
    )
