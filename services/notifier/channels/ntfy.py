"""ntfy: messages to a topic (https://docs.ntfy.sh/publish/)."""

from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, Limits, Templated, bearer
from services.notifier.channels.exchange import Message, Request
from services.notifier.fields.addresses import Url, of_form
from services.notifier.fields.secret import Secret

Topic = Annotated[Secret, of_form("[A-Za-z0-9_-]{1,64}", "a topic of letters, digits, _ and -")]


class Ntfy(Templated):
    """A topic of ntfy."""

    type: Literal["ntfy"]
    server: Url = "https://ntfy.sh"
    topic: Annotated[Topic, Field(description="who knows it may read and write it")]
    token: Annotated[Secret | None, Field(description="for a server that asks for one")] = None
    priority: int = Field(default=3, ge=1, le=5)

    def limits(self) -> Limits:
        """Return the limits: its server decides."""
        return Limits(at_once=1, per_second=2)

    def endpoint(self) -> tuple[str, ...]:
        """Return the server and the topic."""
        return (self.server, self.topic.mark)


def request(channel: Ntfy, message: Message) -> Request:
    """Return the request, which names the topic in its body."""
    content = message.content | {"topic": channel.topic.value, "priority": channel.priority}
    return Request(channel.server.rstrip("/") + "/", content, headers=bearer(channel.token))


CHANNEL: Final = ChannelDefinition(
    id="ntfy",
    label="ntfy",
    settings=Ntfy,
    summary="JSON to the server's root",
    request=request,
)
