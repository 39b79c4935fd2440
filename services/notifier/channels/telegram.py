"""Telegram: a bot that writes to a chat (https://core.telegram.org/bots/api#sendmessage)."""

from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, Limits, Templated, json_object
from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.fields.addresses import Url, of_form
from services.notifier.fields.secret import Secret

BAD_REQUEST: Final = 400
LOWEST_CHAT: Final = -(2**53)
"""Ids of chats have at most 52 significant bits, says the Bot API."""
Token = Annotated[Secret, of_form("[0-9]{4,20}:[A-Za-z0-9_-]{20,100}", "a bot token such as 123456:ABC…")]


class Telegram(Templated):
    """A chat that a Telegram bot writes to."""

    type: Literal["telegram"]
    token: Annotated[Token, Field(title="Bot token", description="of the bot, as BotFather gave it")]
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
    """Read what Telegram says in the body: when to try again, and which id a group has since it is a supergroup."""
    parameters = json_object(json_object(answer.body).get("parameters"))
    seconds, chat = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    if answer.status == BAD_REQUEST and isinstance(chat, int) and LOWEST_CHAT <= chat < 0:
        return replace(answer, moved=str(chat))
    if answer.retry_after is None and isinstance(seconds, int):
        return replace(answer, retry_after=str(seconds))
    return answer


def moved(channel: Telegram, chat: str) -> Telegram:
    """Return a channel with the new id of its group; only groups get one, and they have negative ids."""
    return channel.model_copy(update={"chat": chat}) if channel.chat.startswith("-") else channel


CHANNEL: Final = ChannelDefinition(
    id="telegram",
    label="Telegram",
    settings=Telegram,
    summary="`sendMessage` of the Bot API",
    request=request,
    read=read,
    moved=moved,
    gone=frozenset({403}),  # the bot is blocked, or was removed from the chat
)
