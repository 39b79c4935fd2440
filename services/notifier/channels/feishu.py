"""Feishu and Lark: custom bots (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot)."""

import base64
import hashlib
import hmac
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Final, Literal

from pydantic import Field

from services.notifier.channels.definition import ChannelDefinition, IncomingWebhook, Limits, json_object
from services.notifier.channels.exchange import Answer, Message, Request
from services.notifier.fields.secret import Secret


class Feishu(IncomingWebhook):
    """A custom bot of Feishu or Lark."""

    type: Literal["feishu"]
    secret: Annotated[
        Secret | None, Field(title="Signing secret", description="of its signature check, where that is on")
    ] = None

    def limits(self) -> Limits:
        """Return the limits: Feishu allows 100 a minute and 5 a second."""
        return Limits(at_once=1, per_second=1.5)


def request(channel: Feishu, message: Message) -> Request:
    """Return the request, signed where the bot checks signatures."""
    if channel.secret is None:
        return Request(channel.url.value, message.content)
    timestamp = str(int(message.at))
    digest = hmac.digest(f"{timestamp}\n{channel.secret.value}".encode(), b"", hashlib.sha256)
    sign = base64.b64encode(digest).decode()
    return Request(channel.url.value, message.content | {"timestamp": timestamp, "sign": sign})


def read(answer: Answer) -> Answer:
    """Read a refusal, which Feishu sends with status 200."""
    body = json_object(answer.body)
    if answer.status == HTTPStatus.OK and body.get("code", 0) != 0:
        return replace(answer, error=f"refused with code {body['code']}: {str(body.get('msg'))[:200]}")
    return answer


CHANNEL: Final = ChannelDefinition(
    id="feishu",
    label="Feishu or Lark",
    settings=Feishu,
    summary="a `post` of a custom bot, signed if there is a secret",
    request=request,
    read=read,
    gone=frozenset({404}),
)
