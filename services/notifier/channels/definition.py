"""The definition of a channel: the settings that a subscriber gives, and the row that says how alerts reach it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

import orjson
from pydantic import Field

from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.fields.addresses import SecretUrl
from services.notifier.fields.sealable import Sealable
from services.notifier.fields.secret import Secret

MAX_TEMPLATE: Final = 16_384
"""Characters of a subscriber's template."""
Template = Annotated[str, Field(min_length=1, max_length=MAX_TEMPLATE)]


@dataclass(frozen=True, slots=True)
class Limits:
    """Attempts `at_once` and `per_second`; None leaves the first to the notifier's settings and the second free."""

    at_once: int | None = None
    per_second: float | None = None


class Transport(StrEnum):
    """The transports of channels: each has one sender."""

    JSON = "json"
    SIGNED = "signed"
    MAIL = "mail"


class ChannelSettings(Sealable):
    """The settings of a channel; `type` is the id of its row."""

    type: str
    transport: ClassVar[Transport | None] = None
    """What carries alerts there; None: nothing is sent, subscribers fetch."""
    one_server: ClassVar[bool] = False
    """Whether all deliveries of the channel, whoever owns them, go through one server of ours."""

    def limits(self) -> Limits:
        """Return what the service or the subscriber allows this endpoint."""
        return Limits()

    def endpoint(self) -> tuple[str, ...]:
        """Return what tells this endpoint from others, without a secret in clear text: the marks of the secrets."""
        return tuple(secret.mark for secret in self.secrets())


class Templated(ChannelSettings):
    """A channel whose message the subscriber may shape with a template."""

    transport = Transport.JSON
    template: Template | None = Field(default=None, description="Jinja2, makes what is sent; see the documentation")


class IncomingWebhook(Templated):
    """A channel that is one secret address."""

    url: Annotated[SecretUrl, Field(title="Webhook address")]


C = TypeVar("C", bound=ChannelSettings)


def post_to_url(channel: IncomingWebhook, message: Message) -> Request:
    """Return the request to a service that needs nothing but its address."""
    return Request(channel.url.value, message.content)


def unmoved(channel: C, _: str) -> C:
    """Return a channel whose endpoint keeps its id."""
    return channel


def unchanged(answer: Answer) -> Answer:
    """Return an answer as it is."""
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDefinition(Generic[C]):
    """The row of a channel: its settings, and how to talk to its service.

    A JSON channel has its shape in `templates/<id>.json.j2`. `label` is its name on pages, `summary` its line in the
    documentation.
    """

    id: str
    label: str
    settings: type[C]
    summary: str
    request: Callable[[C, Message], Request] | None = None
    """For JSON channels: the request that carries a message."""
    read: Callable[[Answer], Answer] = unchanged
    """Finds in an answer's body what the service does not say by status and headers."""
    moved: Callable[[C, str], C] = unmoved
    """Returns the channel with the new id of its endpoint that an answer said; the same one if it cannot have it."""
    gone: frozenset[int] = frozenset()
    """Statuses, beside 410, with which the service says that the endpoint no longer exists."""

    def interpret(self, answer: Answer) -> Answer:
        """Return the answer as the service means it."""
        answer = self.read(answer)
        return replace(answer, gone=answer.gone or answer.status in self.gone)


def bearer(token: Secret | None) -> dict[str, str]:
    """Return the header that carries a token, if there is one."""
    return {"authorization": f"Bearer {token.value}"} if token else {}


def json_object(value: str | object) -> Mapping[str, Any]:
    """Return a JSON object, given as text or parsed; an empty one for anything else."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}
