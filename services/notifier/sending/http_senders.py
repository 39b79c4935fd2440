"""Senders over HTTP: of signed webhooks, and of the JSON that a channel's row defines."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import orjson
import structlog

from services.notifier.channels.definition import ChannelDefinition, ChannelSettings
from services.notifier.channels.exchange import Answer, Message
from services.notifier.channels.registry import definition_of
from services.notifier.channels.webhook import Webhook, signature_headers
from services.notifier.delivery.sender import Outgoing
from services.notifier.sending.messages import Messages
from services.notifier.sending.rendering import UnusableTemplateError
from shared.outbound import ExchangeError, Failure, exchange

log = structlog.get_logger("notifier")
MAX_EXCERPT = 16 * 1024
"""Bytes of an answer that are kept."""
MAX_MOVES: Final = 3
"""The new ids of an endpoint that one attempt follows."""


class Post:
    """Sends requests to endpoints of subscribers."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        """`session` refuses private addresses and ends an exchange after some time."""
        self._session = session

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Answer:
        """Send a body; failures are in the answer."""
        started = time.perf_counter()
        request = {"data": body, "headers": headers}
        try:
            received = await exchange(
                self._session, method, url, max_body=MAX_EXCERPT, wanted=lambda _: True, **request
            )
        except ExchangeError as error:
            log.info("endpoint unreachable", host=urlsplit(url).hostname, cause=str(error.__cause__)[:500])
            return Answer(_since(started), error=_reason(error))
        text, retry_after = received.body.decode("utf-8", "replace"), received.headers.get("Retry-After")
        return Answer(_since(started), received.status, _error(received.status), text, retry_after)


def _reason(error: ExchangeError) -> str:
    """Return the text of an error for the owner of the endpoint: it never names what a host name resolved to."""
    if error.failure is Failure.REFUSED:
        return "the host leads to a private address, which PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS has to allow"
    return str(error)


def _error(status: int) -> str | None:
    """Return why a status is a failure, if the status does not say so itself."""
    return "redirects are not followed" if 300 <= status < 400 else None  # noqa: PLR2004


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


class JsonSender:
    """Sends alerts to every service that takes them as JSON."""

    def __init__(self, post: Post, messages: Messages) -> None:
        self._post = post
        self._messages = messages

    async def send(self, outgoing: Outgoing[ChannelSettings]) -> Answer:
        """Render the message, send the channel's request, and interpret the answer; a new id is followed at once."""
        definition = definition_of(outgoing.channel)
        try:
            content = await self._messages.content(outgoing)
        except UnusableTemplateError as error:
            return Answer(0.0, error=str(error))
        message = Message(content, outgoing.record.id, outgoing.at)
        channel, new_id = outgoing.channel, None
        answer = await self._posted(definition, channel, message)
        for _ in range(MAX_MOVES):
            following = definition.moved(channel, answer.moved) if answer.moved else channel
            if following == channel:
                break
            channel, new_id = following, answer.moved
            answer = await self._posted(definition, channel, message)
        return replace(answer, moved=new_id)

    async def _posted(self, definition: ChannelDefinition[Any], channel: ChannelSettings, message: Message) -> Answer:
        """Send a message to an endpoint, and return its answer as the service means it."""
        if definition.request is None:
            raise TypeError(f"The channel {definition.id} has no request for a message.")
        request = definition.request(channel, message)
        headers = {"content-type": "application/json"} | request.headers
        answer = await self._post.send(request.url, orjson.dumps(request.content), headers, method=request.method)
        return definition.interpret(answer)


class WebhookSender:
    """Posts alerts with the headers of Standard Webhooks."""

    def __init__(self, post: Post, messages: Messages) -> None:
        self._post = post
        self._messages = messages

    async def send(self, outgoing: Outgoing[Webhook]) -> Answer:
        """Sign the body with every valid secret, and post it."""
        channel, secrets = outgoing.channel, outgoing.secrets.valid(outgoing.at)
        try:
            body = await self._messages.body(outgoing) if channel.template else outgoing.body
        except UnusableTemplateError as error:
            return Answer(0.0, error=str(error))
        headers = signature_headers(secrets, outgoing.record.id, int(outgoing.at), body)
        headers |= {"content-type": channel.content_type}
        headers |= {name: value.value for name, value in channel.headers.items()}
        return await self._post.send(channel.url, body, headers)
