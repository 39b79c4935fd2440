"""Sends alerts as JSON: the shape, the request and the reading of the answer are those of the channel's row."""

import orjson

from services.notifier.channels.definition import ChannelSettings
from services.notifier.channels.exchange import Answer, Message
from services.notifier.channels.registry import definition_of
from services.notifier.delivery.sender import Outgoing
from services.notifier.sending.messages import Messages
from services.notifier.sending.post import Post
from services.notifier.sending.rendering import UnusableTemplateError


class JsonSender:
    """Sends alerts to every service that takes them as JSON."""

    def __init__(self, post: Post, messages: Messages) -> None:
        self._post = post
        self._messages = messages

    async def send(self, outgoing: Outgoing[ChannelSettings]) -> Answer:
        """Render the message, send the channel's request, and interpret the answer."""
        definition = definition_of(outgoing.channel)
        if definition.request is None:
            raise TypeError(f"The channel {definition.id} has no request for a message.")
        try:
            content = await self._messages.content(outgoing)
        except UnusableTemplateError as error:
            return Answer(0.0, error=str(error))
        request = definition.request(outgoing.channel, Message(content, outgoing.record.id, outgoing.at))
        headers = {"content-type": "application/json"} | request.headers
        answer = await self._post.send(request.url, orjson.dumps(request.content), headers, method=request.method)
        return definition.interpret(answer)
