"""Telegram: a bot that writes to a chat (https://core.telegram.org/bots/api#sendmessage)."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, Limits, Templated, json_object
from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.fields.addresses import Url, of_form
from services.notifier.fields.secret import Secret

Token = Annotated[Secret, of_form("[0-9]{4,20}:[A-Za-z0-9_-]{20,100}", "a bot token such as 123456:ABC…")]


class Telegram(Templated):
    """A chat that a Telegram bot writes to."""

    type: Literal["telegram"]
    token: Annotated[Token, Field(description="of the bot, as BotFather gave it")]
    chat: Annotated[str, Field(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64})$", description="an id, or @channel")]
    thread: int | None = Field(default=None, ge=1, description="of a forum")
    server: Url = Field(default="https://api.telegram.org", description="another one for a Bot API server of your own")

    def limits(self) -> Limits:
        """Return the limits: Telegram allows 20 a minute in a group."""
        return Limits(at_once=1, per_second=0.33)

    def endpoint(self) -> tuple[str, ...]:
        """Return the bot and the chat."""
        return (self.token.mark, self.chat)


def request(channel: Telegram, message: Message) -> Request:
    """Return the call of `sendMessage`."""
    thread = {} if channel.thread is None else {"message_thread_id": channel.thread}
    url = f"{channel.server.rstrip('/')}/bot{channel.token.value}/sendMessage"
    return Request(url, message.content | {"chat_id": channel.chat} | thread)


def read(answer: Answer) -> Answer:
    """Read when to try again, which Telegram says in the body."""
    seconds = json_object(json_object(answer.body).get("parameters")).get("retry_after")
    if answer.retry_after is None and isinstance(seconds, int):
        return replace(answer, retry_after=str(seconds))
    return answer


CHANNEL: Final = ChannelDefinition(
    id="telegram",
    settings=Telegram,
    summary="`sendMessage` of the Bot API",
    request=request,
    read=read,
    gone=frozenset({403}),  # the bot is blocked, or was removed from the chat
)
