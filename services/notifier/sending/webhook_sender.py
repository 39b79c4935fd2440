"""Sends signed webhooks: the alert as it is, or rendered with the subscriber's template."""

from services.notifier.channels.exchange import Answer
from services.notifier.channels.webhook import Webhook
from services.notifier.delivery.sender import Outgoing
from services.notifier.secrets import webhook_signature as signing
from services.notifier.sending.messages import Messages
from services.notifier.sending.post import Post
from services.notifier.sending.rendering import UnusableTemplateError


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
        headers = signing.headers(secrets, outgoing.record.id, int(outgoing.at), body)
        headers |= {"content-type": channel.content_type}
        headers |= {name: value.value for name, value in channel.headers.items()}
        return await self._post.send(channel.url, body, headers)
