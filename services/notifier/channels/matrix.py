"""Matrix: messages in a room (https://spec.matrix.org/latest/client-server-api/)."""

import math
from dataclasses import replace
from typing import Annotated, Final, Literal
from urllib.parse import quote

from pydantic import Field

from services.notifier.channels.definition import (
    ChannelDefinition,
    Limits,
    Templated,
    bearer,
    json_object,
)
from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.fields.addresses import Url
from services.notifier.fields.secret import Secret


class Matrix(Templated):
    """A room of Matrix, for a user who is in it."""

    type: Literal["matrix"]
    server: Annotated[Url, Field(title="Homeserver", description="the homeserver's address")]
    room: Annotated[
        str, Field(pattern=r"^![^\s/?#]{1,254}$", title="Room", description="its internal id, such as !abc:example.org")
    ]
    token: Annotated[Secret, Field(title="Access token", description="the access token of the user")]

    def limits(self) -> Limits:
        """Return the limits: its homeserver decides; this is within the usual setting."""
        return Limits(at_once=1, per_second=1)

    def endpoint(self) -> tuple[str, ...]:
        """Return the server and the room."""
        return (self.server, self.room)


def request(channel: Matrix, message: Message) -> Request:
    """Return the request, its transaction named after the delivery: a homeserver shows a repeated one once."""
    path = f"/_matrix/client/v3/rooms/{quote(channel.room, safe='')}/send/m.room.message/{message.id}"
    return Request(channel.server.rstrip("/") + path, message.content, "PUT", bearer(channel.token))


def read(answer: Answer) -> Answer:
    """Read when to try again, which a homeserver says in the body."""
    milliseconds = json_object(answer.body).get("retry_after_ms")
    if answer.retry_after is None and isinstance(milliseconds, int):
        return replace(answer, retry_after=str(math.ceil(milliseconds / 1_000)))
    return answer


CHANNEL: Final = ChannelDefinition(
    id="matrix",
    label="Matrix",
    settings=Matrix,
    summary="an `m.notice` under the id of the delivery",
    request=request,
    read=read,
)
