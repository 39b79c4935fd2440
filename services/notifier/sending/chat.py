"""Chats: an alert in the shape that the service documents."""

from typing import Final

import orjson

from services.notifier.channels import requests
from services.notifier.delivery.port import Answer, Outgoing
from services.notifier.sending.messages import Messages
from services.notifier.sending.post import Post
from services.notifier.sending.rendering import UnusableTemplateError
from services.notifier.subscription.channel import AnyChannel

CHATS: Final = ("slack", "discord", "teams", "mattermost", "telegram", "matrix", "ntfy", "feishu")
"""Each has its template."""


class ChatSender:
    """Sends alerts to every service that takes them as JSON."""

    def __init__(self, post: Post, messages: Messages) -> None:
        self._post = post
        self._messages = messages

    async def send(self, outgoing: Outgoing[AnyChannel]) -> Answer:
        """Put the alert in shape, ask, and read the answer."""
        try:
            content = await self._messages.content(outgoing)
        except UnusableTemplateError as error:
            return Answer(0.0, error=str(error))
        asked = requests.request(outgoing, content)
        headers = {"content-type": "application/json"} | asked.headers
        answer = await self._post.send(asked.url, orjson.dumps(asked.content), headers, method=asked.method)
        return requests.read(outgoing.channel.type, answer)
