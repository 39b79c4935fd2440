"""A subscription: what a reader wants to be told of, and where. Models and their checks, nothing else."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier.channel import Channel
from services.notifier.schedule import Schedule
from services.notifier.text import Labels, PaperIds, People, Phrases, Text
from shared.http.api import Body
from shared.paper import ChangeKind, Model

DEFAULT_THRESHOLD = 0.45
"""Measured with all-MiniLM-L6-v2: 25 plain queries against 2,500 papers of all fields of arXiv. At 0.45 a median of 9
papers pass (0.4 %), nearly all on the topic; at 0.40 it is twice as many and the last ones are only of the same field;
at 0.50 it is 3, and queries whose best paper scores 0.45 to 0.50 get nothing. Half of all pairs are below 0.10."""


def _later(value: Any, *fields: str) -> Any:  # noqa: ANN401  # whatever the client sent
    """Refuse plainly what the interface promises and this version does not do, rather than ignore it."""
    if isinstance(value, dict) and (found := [field for field in fields if field in value]):
        raise PydanticCustomError("not_available", "{what} is not available yet", {"what": found[0]})
    return value


class MinSignals(Body):
    """The least counters a paper must have; a counter that is unknown does not suffice."""

    upvotes: int | None = Field(default=None, ge=0, strict=True)
    citations: int | None = Field(default=None, ge=0, strict=True)
    stars: int | None = Field(default=None, ge=0, strict=True)
    comments: int | None = Field(default=None, ge=0, strict=True)


Sensitivity = Annotated[
    float, BeforeValidator(lambda value: _later(value, "per_week")), Field(ge=0, le=1, strict=True, allow_inf_nan=False)
]
Changes = Annotated[
    tuple[ChangeKind, ...], Field(min_length=1), AfterValidator(lambda value: tuple(dict.fromkeys(value)))
]
Name = Annotated[Text, Field(max_length=200)]
Sentence = Annotated[Text, Field(max_length=20_000)]


class Interest(Body):
    """What may be of interest. Every condition that is given has to hold."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    query: Sentence | None = Field(default=None, description="in plain words; a pasted abstract is fine")
    like: PaperIds = Field(default=(), description="ids of papers that are of interest")
    unlike: PaperIds = Field(default=(), description="ids of papers that are not")
    must: Phrases = Field(default=(), description="phrases that all have to occur in title or abstract")
    any: Phrases = Field(default=(), description="phrases of which one has to occur")
    not_: Phrases = Field(default=(), alias="not", description="phrases of which none may occur")
    categories: Labels = Field(default=(), description="one of these")
    authors: People = Field(default=(), description="one of these")
    sources: Labels = Field(default=(), description="seen in one of these")
    min_signals: MinSignals | None = None


class NewSubscription(Interest):
    """What a client sends to subscribe."""

    name: Name | None = Field(default=None, description="for the reader; made from the interest when left out")
    changes: Changes = Field(default=(ChangeKind.NEW,), description="what has to happen to a paper")
    sensitivity: Sensitivity = Field(default=DEFAULT_THRESHOLD, description="the least score of a match, 0 to 1")
    channel: Channel
    schedule: Schedule = "instant"

    @model_validator(mode="after")
    def _something_to_match(self) -> Self:
        if not (self.has_vector or self.must or self.any or self.categories or self.authors or self.sources):
            message = "needs something to match: query, like, must, any, categories, authors or sources"
            raise PydanticCustomError("interest", message)
        if self.unlike and not self.has_vector:
            raise PydanticCustomError("interest", "unlike needs a query or like to be subtracted from")
        return self

    @property
    def has_vector(self) -> bool:
        """Whether meaning counts, or only the exact conditions do."""
        return bool(self.query or self.like)

    @property
    def threshold(self) -> float:
        """The least score of a match; 0 where meaning does not count, as every score is 0 there."""
        return self.sensitivity if self.has_vector else 0.0

    @property
    def title(self) -> str:
        """The name, or one made from the interest."""
        if self.name:
            return self.name
        exact = (*self.must, *self.any, *self.authors, *self.categories, *self.like, *self.sources)
        return (self.query or ", ".join(exact))[:80]


class SubscriptionPatch(Interest):
    """What a client sends to change a subscription: fields left out stay, null puts the default back."""

    name: Name | None = None
    changes: Changes | None = None
    sensitivity: Sensitivity | None = None
    channel: Channel | None = None
    schedule: Schedule | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_default(cls, data: Any) -> Any:  # noqa: ANN401  # whatever the client sent
        if not isinstance(data, dict):
            return data
        fields = {field.alias or name: field for name, field in NewSubscription.model_fields.items()}
        optional = {name: field.default for name, field in fields.items() if not field.is_required()}
        return {name: optional.get(name) if value is None else value for name, value in data.items()}


class Status(StrEnum):
    """Whether a subscription matches: `disabled` is our doing, `paused` the owner's."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class State(Model):
    """How a subscription is, since when, and why if that is not the owner's own doing."""

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

    @property
    def active(self) -> bool:
        """Whether it takes part in matching, and its alerts are sent."""
        return self.state.status is Status.ACTIVE


class SubscriptionWithSecret(Subscription):
    """A subscription with the secret that its alerts are signed with, shown this once."""

    secret: str
