"""How each chat is asked, and what its answers mean."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.notifier.channels.requests import Request, read, request
from services.notifier.delivery.port import Answer, Outgoing
from services.notifier.delivery.records import Record
from services.notifier.secrets.vault import Secrets
from services.notifier.subscription.channel import AnyChannel, Channel
from shared.papers.paper import ChangeKind
from tests.unit.notifier.examples import NOW, subscription

TOKEN = "123456:AAFakeFakeFakeFakeFakeFake"


def channel(**fields: Any) -> AnyChannel:
    made: AnyChannel = TypeAdapter(Channel).validate_python(fields)
    return made


def asked(**fields: Any) -> Request:
    record = Record(id="delivery", subscription="s", owner="o", paper="p", change=ChangeKind.NEW, created_at=NOW)
    secrets = Secrets(current="whsec_AAAA")
    return request(Outgoing(record, subscription(), channel(**fields), b"{}", secrets, 1_599_360_473.9), {"text": "t"})


def test_telegram_is_asked_for_a_message_in_a_chat() -> None:
    made = asked(type="telegram", token=TOKEN, chat="-100123", thread=7)
    assert made.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    assert made.content == {"text": "t", "chat_id": "-100123", "message_thread_id": 7}


def test_matrix_is_asked_under_the_id_of_the_delivery() -> None:
    made = asked(type="matrix", server="https://matrix.example/", room="!a:example.org", token="syt_token")
    assert made.method == "PUT"
    assert made.url == (
        "https://matrix.example/_matrix/client/v3/rooms/%21a%3Aexample.org/send/m.room.message/delivery"
    )
    assert made.headers == {"authorization": "Bearer syt_token"}


def test_ntfy_is_asked_at_its_root() -> None:
    made = asked(type="ntfy", topic="my-papers", priority=4)
    assert (made.url, made.headers) == ("https://ntfy.sh/", {})
    assert made.content == {"text": "t", "topic": "my-papers", "priority": 4}
    assert asked(type="ntfy", topic="x", token="tk_1").headers == {"authorization": "Bearer tk_1"}


def test_feishu_is_signed_as_it_documents() -> None:
    """The signature is HMAC-SHA256 of nothing, with the timestamp, a line feed and the secret as its key."""
    made = asked(type="feishu", url="https://open.feishu.example/hook/1", secret="demo")
    assert made.content == {
        "text": "t",
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    }
    assert asked(type="feishu", url="https://open.feishu.example/hook/1").content == {"text": "t"}


@pytest.mark.parametrize("kind", ("slack", "discord", "teams", "mattermost"))
def test_others_are_asked_at_their_address(kind: str) -> None:
    assert asked(type=kind, url="https://hooks.example/1") == Request("https://hooks.example/1", {"text": "t"})


@pytest.mark.parametrize(
    ("kind", "status", "body", "means"),
    (
        ("feishu", 200, '{"code":0,"msg":"success"}', (200, None)),
        ("feishu", 200, '{"code":19024,"msg":"Key Words Not Found"}', (None, None)),
        ("telegram", 429, '{"ok":false,"parameters":{"retry_after":17}}', (429, "17")),
        ("telegram", 403, '{"ok":false,"description":"Forbidden: bot was blocked by the user"}', (410, None)),
        ("telegram", 400, "[]", (400, None)),
        ("telegram", 429, '{"parameters":7}', (429, None)),
        ("matrix", 429, '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}', (429, "3")),
        ("matrix", 429, '{"retry_after_ms":"soon"}', (429, None)),
        ("slack", 404, "no_service", (410, None)),
        ("discord", 404, '{"code":10015}', (410, None)),
        ("teams", 202, "", (202, None)),
        ("teams", 404, "", (404, None)),
    ),
)
def test_an_answer_is_read_as_its_service_means_it(kind: str, status: int, body: str, means: tuple[Any, Any]) -> None:
    answer = read(kind, Answer(1.0, status, None, body))
    assert (answer.verdict_status, answer.retry_after) == means
    assert answer.status == status


@pytest.mark.parametrize(
    ("fields", "says"),
    (
        ({"type": "slack", "url": "ftp://x.example"}, "http or https"),
        ({"type": "slack", "url": "https://•••abcd"}, "is masked"),
        ({"type": "telegram", "token": "no token", "chat": "1"}, "a bot token"),
        ({"type": "telegram", "token": TOKEN, "chat": "a b"}, "pattern"),
        ({"type": "matrix", "server": "https://m.example", "room": "#alias:m.example", "token": "t"}, "pattern"),
        ({"type": "ntfy", "topic": "a/b"}, "a topic of"),
        ({"type": "ntfy", "topic": "a", "priority": 6}, "less than or equal to 5"),
        ({"type": "webhook", "url": "https://x.example", "rate": 0}, "greater than 0"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"Host": "y"}}, "not safe to pass on"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"Webhook-Id": "y"}}, "not safe to pass on"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-Forwarded-For": "y"}}, "not safe to pass on"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"a b": "y"}}, "the name of a header"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-A": "a\r\nb: c"}}, "control characters"),
        ({"type": "webhook", "url": "https://x.example", "headers": {"X-A": "é"}}, "ASCII"),
    ),
)
def test_what_cannot_be_sent_to_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        channel(**fields)
