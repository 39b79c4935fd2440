"""Records that cannot be read: their owner sees that, and the rest goes on."""

import json
from typing import Any

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.subscription.owners import operational_id
from services.notifier.subscription.store import TUNED, Store
from shared.board import LEDGER
from shared.papers.paper import Paper
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until

LIST = "/v1/subscriptions"
OPERATIONAL = "/v1/operational-webhook"
CRANES = Paper(id="arXiv:2401.00001", title="cranes", abstract="cranes")


async def broken(wire: Wire, url: str, raw: bytes | None = None) -> str:
    """Subscribe, and damage the record; return the id."""
    made = await wire.subscribe(url, query="cranes", name="My\ncranes")
    key = f"subscription:{made['id']}"
    row = json.loads(await wire.runtime.redis.get(key))
    row["subscription"]["channel"] = {"type": "pigeon", "url": "https://secret.example/token"}
    await wire.runtime.redis.set(key, json.dumps(row) if raw is None else raw)
    return str(made["id"])


async def test_an_unreadable_subscription_is_listed_as_such_and_can_be_deleted(wire: Wire, receiver: Receiver) -> None:
    id_ = await broken(wire, receiver.url())
    other = await wire.subscribe(receiver.url("/other"), query="cranes")
    await wire.publish(indexed(CRANES))
    await receiver.count(1)
    assert [one.path for one in receiver.arrived] == ["/other"], "the others hear of papers"
    listed = (await wire.call("GET", LIST, status=200))["subscriptions"]
    assert [one["id"] for one in listed] == [id_, other["id"]]
    assert listed[0]["state"]["status"] == "disabled"
    assert "cannot be read (subscription.channel" in listed[0]["state"]["reason"]
    assert "secret" not in json.dumps(listed[0])
    assert listed[0]["name"] == "My cranes"
    raw = await wire.runtime.redis.get(f"subscription:{id_}")
    for verb, path, body in (("POST", "/pause", None), ("POST", "/resume", None), ("PATCH", "", {"name": "x"})):
        problem = await wire.call(verb, f"{LIST}/{id_}{path}", body)
        assert problem["status"] in (409, 422), problem
        assert "delete it and subscribe again" in problem["detail"]
    assert await wire.runtime.redis.get(f"subscription:{id_}") == raw, "it is never written over"
    await wire.call("DELETE", f"{LIST}/{id_}", status=204)
    assert len((await wire.call("GET", LIST, status=200))["subscriptions"]) == 1


async def test_a_stored_address_that_would_be_refused_now_stays_readable_and_its_owner_corrects_it(
    wire: Wire, receiver: Receiver
) -> None:
    redis = wire.runtime.redis
    good = await wire.subscribe(receiver.url("/good"), query="cranes")
    old = [await wire.subscribe(receiver.url(), query="cranes", name=host) for host in ("a..org", "256.1.1.1")]
    await wire.call("PUT", OPERATIONAL, {"url": receiver.url("/told")}, status=200)
    rows = [f"subscription:{one['id']}" for one in old] + [f"subscription:{operational_id(await owner(wire))}"]
    for key, host in zip(rows, ("a..org", "256.1.1.1", "a..org"), strict=True):
        row = json.loads(await redis.get(key))
        row["subscription"]["channel"]["url"] = f"https://{host}/"
        await redis.set(key, json.dumps(row))
    listed = (await wire.call("GET", LIST, status=200))["subscriptions"]
    assert [one["channel"].get("url") for one in listed[1:]] == ["https://a..org/", "https://256.1.1.1/"]
    assert (await wire.call("GET", OPERATIONAL, status=200))["url"] == "https://a..org/"
    await wire.publish(indexed(CRANES))
    await receiver.count(1)
    first = f"{LIST}/{old[0]['id']}"
    (tried,) = await until(lambda: wire.deliveries(old[0]["id"]))
    ((attempt,),) = await until(lambda: attempted(wire, old[0]["id"]))
    assert attempt["error"] == "the name of the host is not valid"
    problem = await wire.call("PATCH", first, {"name": "x"}, status=422)
    assert "must name a host" in problem["detail"]
    await wire.call("PATCH", first, {"channel": {"type": "webhook", "url": receiver.url("/mended")}}, status=200)
    await wire.call("POST", f"/v1/deliveries/{tried['id']}/redeliver", status=202)
    assert [one.path for one in await receiver.count(2)] == ["/good", "/mended"]
    await wire.call("DELETE", f"{LIST}/{old[1]['id']}", status=204)
    await wire.call("DELETE", OPERATIONAL, status=204)
    assert good["id"] == listed[0]["id"]


async def attempted(wire: Wire, id_: str) -> list[Any]:
    return [one["log"] for one in await wire.deliveries(id_) if one["log"]]


async def owner(wire: Wire) -> str:
    return (await ApiKeys(wire.runtime.redis).list())[0].id


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[]", b"null", b'{"owner": 5, "subscription": []}', b"{" * 10_000])
async def test_garbage_stops_nothing(wire: Wire, receiver: Receiver, raw: bytes) -> None:
    id_ = await broken(wire, receiver.url(), raw)
    listed = (await wire.call("GET", LIST, status=200))["subscriptions"]
    assert [one["name"] for one in listed] == ["Unreadable subscription"]
    await wire.runtime.redis.zadd(TUNED, {id_: 0})
    owners = [info.id for info in await ApiKeys(wire.runtime.redis).list()]
    assert await ApiKeys(wire.runtime.redis).revoke(owners[0]) == 1
    assert (await Store(wire.runtime.redis).several([id_]))[0] is not None


async def test_an_unreadable_delivery_ends_and_the_others_are_sent(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), query="cranes")
    receiver.answer("/hook", 500, 204)
    await wire.publish(indexed(CRANES))
    await receiver.count(1)
    (delivery,) = await until(lambda: wire.deliveries(made["id"]))
    await wire.runtime.redis.set(f"delivery:{delivery['id']}", b'{"id": 5}')
    await wire.publish(indexed(CRANES.model_copy(update={"id": "arXiv:2401.00002"})))
    await receiver.count(2)
    assert [one["paper"] for one in await wire.deliveries(made["id"])] == ["arXiv:2401.00002"]


async def test_an_unreadable_row_of_the_board_counts_as_missing(wire: Wire) -> None:
    await wire.runtime.redis.hset(LEDGER.key, mapping={"a": b'{"missing": "many"}', "b": b'{"missing": 2}'})
    assert await LEDGER.rows(wire.runtime.redis) == {"b": {"missing": 2}}
    assert await LEDGER.some(wire.runtime.redis, ["a", "b"]) == [None, {"missing": 2}]


async def test_a_secret_from_before_encryption_signs_and_one_that_cannot_be_read_is_told(
    wire: Wire, receiver: Receiver
) -> None:
    """INVARIANT: no record of one subscription stops the deliveries of others."""
    old, lost = [await wire.subscribe(receiver.url(f"/{name}"), query="cranes") for name in ("old", "lost")]
    await wire.subscribe(receiver.url("/ok"), query="cranes")
    plain = {"current": old["secret"], "previous": None, "previous_until": 0.0}
    await wire.runtime.redis.set(f"secret:{old['id']}", json.dumps(plain))
    await wire.runtime.redis.set(f"secret:{lost['id']}", b"gAAAAAB")
    await wire.publish(indexed(CRANES))
    await receiver.count(2)
    assert sorted(one.path for one in receiver.arrived) == ["/ok", "/old"]

    async def state(id_: str) -> Any:
        return (await wire.call("GET", f"{LIST}/{id_}", status=200))["state"]

    await until(lambda: held(wire, lost["id"]))
    assert ((await state(lost["id"]))["status"], (await state(old["id"]))["status"]) == ("disabled", "active")
    assert "rotate the secret" in (await state(lost["id"]))["reason"]
    await wire.call("POST", f"{LIST}/{lost['id']}/rotate-secret", status=200)
    await wire.call("POST", f"{LIST}/{lost['id']}/resume", status=200)
    assert (await receiver.count(3))[-1].path == "/lost", "nothing was lost meanwhile"


async def held(wire: Wire, id_: str) -> bool:
    return [one["state"] for one in await wire.deliveries(id_)] == ["held"]
