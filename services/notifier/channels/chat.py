"""Chats: an alert in the shape that the service documents."""

from typing import Final

import orjson

from services.notifier.channel import AnyChannel
from services.notifier.channels import rendering, requests
from services.notifier.channels.port import Answer, Outgoing
from services.notifier.channels.post import Post

CHATS: Final = ("slack", "discord", "teams", "mattermost", "telegram", "matrix", "ntfy", "feishu")
"""Each has its template."""


class ChatSender:
    """Sends alerts to every service that takes them as JSON."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, outgoing: Outgoing[AnyChannel]) -> Answer:
        """Put the alert in shape, ask, and read the answer."""
        kind = outgoing.channel.type
        content = rendering.ready(kind, orjson.loads(outgoing.body))
        asked = requests.request(outgoing, content)
        headers = {"content-type": "application/json"} | asked.headers
        answer = await self._post.send(asked.url, orjson.dumps(asked.content), headers, method=asked.method)
        return requests.read(kind, answer)
