"""Alerts to chats and to endpoints that want headers; the services are stood in for by a local server."""

import json
from typing import Any

import pytest
from aiohttp import web

from shared.papers.paper import Paper
from tests.integration.notifier.mailing.test_email import attempted
from tests.integration.notifier.secrets.test_vault import everything
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until

PAPER = Paper(id="arXiv:2603.00001", title="Folding <cranes>", abstract="We fold.", categories=("cs.RO",))
TOKEN = "123456:AAFakeFakeFakeFakeFakeFake"
SECRET_PATH = "/services/T000/B000/a-secret-nobody-else-knows"


def channels(url: str) -> dict[str, tuple[dict[str, Any], str]]:
    """Give a channel of every kind at one server, with the path that has to be asked."""
    hooks = {kind: ({"url": url + SECRET_PATH}, SECRET_PATH) for kind in ("slack", "discord", "teams", "mattermost")}
    room = "/_matrix/client/v3/rooms/!room:example.org/send/m.room.message/"
    return hooks | {
        "telegram": ({"token": TOKEN, "chat": "@papers", "server": url}, f"/bot{TOKEN}/sendMessage"),
        "matrix": ({"server": url, "room": "!room:example.org", "token": "syt_matrix_token"}, room),
        "ntfy": ({"server": url, "topic": "my-secret-topic", "token": "tk_ntfy_token"}, "/"),
        "feishu": ({"url": url + SECRET_PATH, "secret": "feishu-signing-secret"}, SECRET_PATH),
    }


async def subscribed(wire: Wire, kind: str, fields: dict[str, Any]) -> Any:
    body = {"categories": ["cs.RO"], "channel": {"type": kind, **fields}}
    return await wire.call("POST", "/v1/subscriptions", body, status=201)


@pytest.mark.parametrize("kind", channels(""))
async def test_an_alert_reaches_every_kind_of_chat(wire: Wire, receiver: Receiver, kind: str) -> None:
    fields, path = channels(receiver.url(""))[kind]
    made = await subscribed(wire, kind, fields)
    await wire.publish(indexed(PAPER))
    (arrived,) = await receiver.count(1)
    assert arrived.path.startswith(path)
    assert "webhook-signature" not in {name.lower() for name in arrived.headers}
    assert "cranes" in json.dumps(json.loads(arrived.body))
    (delivery,) = await until(lambda: wire.deliveries(made["id"]))
    if kind == "matrix":
        assert arrived.path.endswith(delivery["id"])


@pytest.mark.parametrize("kind", channels(""))
async def test_a_secret_is_never_shown_logged_or_stored_in_clear(
    wire: Wire, receiver: Receiver, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """INVARIANT: after creation nobody reads it back, not even out of an answer that echoes what it was asked."""

    async def echo(request: web.Request) -> web.StreamResponse:
        asked = {"path": request.path, "headers": dict(request.headers), "body": await request.text()}
        return web.json_response(asked, status=500)

    fields, _ = channels(receiver.url(""))[kind]
    secrets = [SECRET_PATH, TOKEN, "syt_matrix_token", "my-secret-topic", "tk_ntfy_token", "feishu-signing-secret"]
    made = await subscribed(wire, kind, fields)
    receiver.answers["*"] = echo
    tested = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert tested["log"][0]["answer"]
    shown = [made, tested, await wire.call("GET", f"/v1/subscriptions/{made['id']}"), await wire.deliveries(made["id"])]
    stored = (await everything(wire.runtime.redis)).decode("latin-1")
    for text in (json.dumps(shown), stored, *capfd.readouterr()):
        assert not [secret for secret in secrets if secret in text]
    assert "•••" in json.dumps(made["channel"], ensure_ascii=False)


async def test_a_refusal_by_feishu_with_status_200_is_a_failure(wire: Wire, receiver: Receiver) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"code": 19024, "msg": "Key Words Not Found"})

    receiver.answers["/bot"] = refuse
    made = await subscribed(wire, "feishu", {"url": receiver.url("/bot")})
    tested = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert tested["state"] == "failed"
    assert tested["log"][0]["error"] == "refused with code 19024: Key Words Not Found"


async def test_a_blocked_bot_disables_its_subscription(wire: Wire, receiver: Receiver) -> None:
    receiver.answer(f"/bot{TOKEN}/sendMessage", 403)
    made = await subscribed(wire, "telegram", {"token": TOKEN, "chat": "1", "server": receiver.url("")})
    await wire.publish(indexed(PAPER))

    async def disabled() -> bool:
        state = (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["state"]
        return bool(state == state | {"status": "disabled", "reason": "The endpoint answered 403 Forbidden."})

    await until(disabled)


async def test_custom_headers_are_sent_and_survive_other_changes(wire: Wire, receiver: Receiver) -> None:
    channel = {
        "type": "webhook",
        "url": receiver.url(),
        "headers": {"Authorization": "Bearer its-own-token", "X-A": "b"},
    }
    made = await wire.call("POST", "/v1/subscriptions", {"categories": ["cs.RO"], "channel": channel}, status=201)
    assert made["channel"]["headers"] == {"Authorization": "•••oken", "X-A": "•••"}
    one = f"/v1/subscriptions/{made['id']}"
    await wire.call("PATCH", one, {"name": "another"}, status=200)
    await wire.publish(indexed(PAPER))
    (arrived,) = await receiver.count(1)
    assert (arrived.headers["Authorization"], arrived.headers["X-A"]) == ("Bearer its-own-token", "b")
    problem = await wire.call("PATCH", one, {"channel": made["channel"]}, status=422)
    assert "is masked" in problem["detail"]
    stored = await everything(wire.runtime.redis)
    assert b"its-own-token" not in stored


class Upgrades:
    """A Bot API that says of each chat among `following` that it is another one now, and takes messages for others."""

    def __init__(self, **following: int) -> None:
        self.following = {name.replace("chat", "-"): new for name, new in following.items()}
        self.asked: list[str] = []
        self.taken: list[str] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        chat = (await request.json())["chat_id"]
        self.asked.append(chat)
        if new := self.following.get(chat):
            return web.json_response({"ok": False, "parameters": {"migrate_to_chat_id": new}}, status=400)
        self.taken.append(chat)
        return web.json_response({"ok": True})


async def test_a_group_that_was_upgraded_twice_gets_the_alert_at_once_and_its_id_is_kept(
    wire: Wire, receiver: Receiver
) -> None:
    receiver.answers["*"] = bot = Upgrades(chat5=-1005, chat1005=-1006)
    made = await subscribed(wire, "telegram", {"token": TOKEN, "chat": "-5", "thread": 7, "server": receiver.url("")})
    await wire.publish(indexed(PAPER))
    await until(lambda: bot.taken)
    assert bot.asked == ["-5", "-1005", "-1006"]

    async def kept() -> bool:
        shown = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
        return bool(shown["channel"] == made["channel"] | {"chat": "-1006"})

    await until(kept)
    delivery = await attempted(wire, made["id"], 1)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    tested = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert tested["state"] == "delivered"
    assert bot.asked[3:] == ["-1006"]


async def test_a_test_message_finds_the_upgraded_group_too(wire: Wire, receiver: Receiver) -> None:
    receiver.answers["*"] = bot = Upgrades(chat5=-1005)
    made = await subscribed(wire, "telegram", {"token": TOKEN, "chat": "-5", "server": receiver.url("")})
    tested = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert (tested["state"], bot.taken) == ("delivered", ["-1005"])
    shown = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
    assert shown["channel"]["chat"] == "-1005"


async def test_a_server_that_names_new_groups_for_ever_is_asked_a_few_times(wire: Wire, receiver: Receiver) -> None:
    receiver.answers["*"] = bot = Upgrades(chat5=-6, chat6=-5)
    made = await subscribed(wire, "telegram", {"token": TOKEN, "chat": "-5", "server": receiver.url("")})
    tested = await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=200)
    assert tested["state"] == "failed"
    assert bot.asked == ["-5", "-6", "-5", "-6"]
