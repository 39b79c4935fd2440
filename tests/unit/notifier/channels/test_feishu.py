"""Feishu and Lark."""

from typing import Any

import orjson

from tests.unit.notifier.channels.exchange import channel, interpreted, request

FEISHU = {"type": "feishu", "url": "https://open.feishu.example/hook/1"}


def check(made: Any) -> None:
    """Check that a message is within what Feishu takes."""
    assert made["msg_type"] == "post"
    (post,) = made["content"]["post"].values()
    assert {part["tag"] for line in post["content"] for part in line} <= {"text", "a"}
    assert len(orjson.dumps(made)) <= 20 * 1_024


def test_a_request_is_signed_as_feishu_documents() -> None:
    """The signature is HMAC-SHA256 of nothing, with the timestamp, a line feed and the secret as its key."""
    assert request(**FEISHU, secret="demo").content == {
        "text": "t",
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    }


def test_a_request_without_a_secret_is_not_signed() -> None:
    assert request(**FEISHU).content == {"text": "t"}


def test_a_refusal_comes_with_status_200() -> None:
    assert interpreted(channel(**FEISHU), 200, '{"code":0,"msg":"success"}') == (200, None)
    assert interpreted(channel(**FEISHU), 200, '{"code":19024,"msg":"Key Words Not Found"}') == (None, None)
