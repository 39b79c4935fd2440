"""How each chat service is asked, and how its answers are read."""

import base64
import hashlib
import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import orjson

from services.notifier.delivery.port import Answer, Outgoing
from services.notifier.fields.secret import Secret
from services.notifier.subscription.channel import AnyChannel, Feishu, Matrix, Ntfy, Telegram

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `content` as JSON."""

    url: str
    content: Content
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


def _telegram(outgoing: Outgoing[Telegram], content: Content) -> Request:
    channel = outgoing.channel
    thread = {} if channel.thread is None else {"message_thread_id": channel.thread}
    url = f"{channel.server.rstrip('/')}/bot{channel.token.value}/sendMessage"
    return Request(url, content | {"chat_id": channel.chat} | thread)


def _matrix(outgoing: Outgoing[Matrix], content: Content) -> Request:
    """Name the transaction after the delivery: a homeserver shows what it gets twice once."""
    channel = outgoing.channel
    place = f"/_matrix/client/v3/rooms/{quote(channel.room, safe='')}/send/m.room.message/{outgoing.record.id}"
    return Request(channel.server.rstrip("/") + place, content, "PUT", _bearer(channel.token))


def _ntfy(outgoing: Outgoing[Ntfy], content: Content) -> Request:
    channel = outgoing.channel
    more = {"topic": channel.topic.value, "priority": channel.priority}
    return Request(channel.server.rstrip("/") + "/", content | more, headers=_bearer(channel.token))


def _feishu(outgoing: Outgoing[Feishu], content: Content) -> Request:
    channel, stamp = outgoing.channel, str(int(outgoing.at))
    if channel.secret is None:
        return Request(channel.url.value, content)
    digest = hmac.digest(f"{stamp}\n{channel.secret.value}".encode(), b"", hashlib.sha256)
    return Request(channel.url.value, content | {"timestamp": stamp, "sign": base64.b64encode(digest).decode()})


def _hook(outgoing: Outgoing[Any], content: Content) -> Request:
    """Ask a service whose address is all that it wants."""
    return Request(outgoing.channel.url.value, content)


def _bearer(token: Secret | None) -> dict[str, str]:
    return {"authorization": f"Bearer {token.value}"} if token else {}


_REQUESTS: Final[dict[str, Callable[[Outgoing[Any], Content], Request]]] = {
    "telegram": _telegram,
    "matrix": _matrix,
    "ntfy": _ntfy,
    "feishu": _feishu,
}


def request(outgoing: Outgoing[AnyChannel], content: Content) -> Request:
    """Give the request that sends some content to its channel."""
    return _REQUESTS.get(outgoing.channel.type, _hook)(outgoing, content)


_GONE: Final = {"slack": {404, 410}, "discord": {404}, "mattermost": {404}, "telegram": {403}, "feishu": {404}}
"""Statuses that tell that the webhook was taken away, or the bot blocked: nothing will arrive there again."""


def read(kind: str, answer: Answer) -> Answer:
    """Read an answer as its service means it: some say no with a 200, some say in the body when to come again."""
    told = _told(answer.body)
    if kind == "feishu" and answer.status == 200 and told.get("code", 0) != 0:  # noqa: PLR2004
        return replace(answer, error=f"refused with code {told['code']}: {str(told.get('msg'))[:200]}")
    milliseconds, seconds = told.get("retry_after_ms"), _mapping(told.get("parameters")).get("retry_after")
    if answer.retry_after is None and isinstance(milliseconds, int):
        answer = replace(answer, retry_after=str(math.ceil(milliseconds / 1_000)))
    elif answer.retry_after is None and isinstance(seconds, int):
        answer = replace(answer, retry_after=str(seconds))
    return replace(answer, gone=answer.gone or answer.status in _GONE.get(kind, ()))


def _told(body: str) -> dict[str, Any]:
    try:
        return _mapping(orjson.loads(body))
    except orjson.JSONDecodeError:
        return {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
