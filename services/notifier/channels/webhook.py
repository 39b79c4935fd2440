"""Webhooks: the alert as it is, signed."""

from services.notifier import signing
from services.notifier.channel import Webhook
from services.notifier.channels.port import Answer, Outgoing
from services.notifier.channels.post import Post


class WebhookSender:
    """Posts alerts with the headers of Standard Webhooks."""

    def __init__(self, post: Post) -> None:
        self._post = post

    async def send(self, outgoing: Outgoing[Webhook]) -> Answer:
        """Sign with every valid secret, and post."""
        secrets = outgoing.secrets.valid(outgoing.at)
        headers = signing.headers(secrets, outgoing.record.id, int(outgoing.at), outgoing.body)
        headers |= {name: value.value for name, value in outgoing.channel.headers.items()}
        return await self._post.send(outgoing.channel.url, outgoing.body, headers)
