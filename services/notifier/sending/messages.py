"""Renders the message to a channel: with the template of its service, or with the subscriber's."""

from typing import Any, Final

import orjson

from services.notifier.channels.definition import Templated
from services.notifier.channels.registry import AnyChannel
from services.notifier.channels.webhook import Webhook
from services.notifier.delivery.sender import Outgoing
from services.notifier.matching import alert_body
from services.notifier.sending import rendering
from services.notifier.sending.rendering import UnusableTemplateError
from services.notifier.sending.template_worker import TemplateWorker
from services.notifier.sending.variables import Event
from shared.errors import PermanentError

_SAMPLE: Final[Event] = {
    "type": "paper.new",
    "timestamp": "2026-01-01T00:00:00Z",
    "data": {
        "subscription": {"id": "00000000-0000-4000-8000-000000000000", "name": "a sample"},
        "paper": alert_body.SAMPLE.model_dump(mode="json"),
        "match": {"score": 1.0, "threshold": 0.5, "reasons": ["this is a sample"]},
    },
}


class Messages:
    """Renders messages. Every method but `check` raises `UnusableTemplateError` if a template does not work."""

    def __init__(self, templates: TemplateWorker) -> None:
        self._templates = templates

    async def body(self, outgoing: Outgoing[Webhook]) -> bytes:
        """Return the body of a webhook, rendered with its template."""
        return await self._body(outgoing.record.owner, outgoing.channel, orjson.loads(outgoing.body))

    async def content(self, outgoing: Outgoing[AnyChannel]) -> dict[str, Any]:
        """Return the message of a JSON channel, rendered with its template or in the shape of its service."""
        channel, event = outgoing.channel, orjson.loads(outgoing.body)
        if isinstance(channel, Templated) and channel.template:
            return await self._content(outgoing.record.owner, channel.template, event)
        return rendering.ready(channel.type, event)

    async def check(self, owner: str, channel: AnyChannel) -> None:
        """Render a sample with the template of an owner's channel; each owner waits for its own templates only.

        Raises:
            PermanentError: the template does not work.

        """
        if not isinstance(channel, Templated) or channel.template is None:
            return
        try:
            if isinstance(channel, Webhook):
                await self._body(owner, channel, _SAMPLE)
            else:
                await self._content(owner, channel.template, _SAMPLE)
        except UnusableTemplateError as error:
            raise PermanentError(f"channel.template: {error}.") from error

    async def _body(self, owner: str, channel: Webhook, event: Event) -> bytes:
        text = await self._templates.render(owner, channel.template or "", event)
        if channel.content_type.endswith("json"):
            _json(text)
        return text.encode()

    async def _content(self, owner: str, template: str, event: Event) -> dict[str, Any]:
        content = _json(await self._templates.render(owner, template, event))
        if not isinstance(content, dict):
            raise UnusableTemplateError("the template does not render a JSON object")
        return content


def _json(text: str) -> Any:  # noqa: ANN401  # any JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnusableTemplateError(f"the template does not render JSON: {error}") from error
