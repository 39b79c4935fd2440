"""A reader's own subscriptions on pages: by API key or by a link out of a mail, and never another one's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscribing.consents import Consents
from shared.moments import from_unix
from shared.papers.paper import Paper
from shared.readers.sessions import COOKIE
from tests.integration.notifier.mailing.mail_server import MailServer, serve_mail
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier, receiving
from tests.support import until

PAPER = Paper(id="arXiv:2603.00001", title="folding paper cranes", categories=("cs.RO",))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serve_mail() as server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def wire(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer, clock: Clock
) -> AsyncIterator[Wire]:
    clock_and_random = ClockAndRandom(clock, lambda: 0.5)
    async with notifier(
        redis_url, qdrant_url, tmp_path, clock_and_random, smtp_url=mail_server.url, mail_from="n@e.org"
    ) as running:
        yield running


async def ask(wire: Wire, method: str, path: str, form: Any = None) -> tuple[int, str, str]:
    """Ask for a page; give its status, its text, and where it leads."""
    async with wire.http.request(method, path, data=form, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def follow(wire: Wire, path: str, form: Any = None) -> str:
    """Post a form, and give the page that it leads to."""
    status, text, there = await ask(wire, "POST", path, form)
    assert status == 303, text
    status, text, _ = await ask(wire, "GET", there)
    assert status == 200, text
    return text


async def enter(wire: Wire, key: str | None = None) -> str:
    """Sign in with an API key; give the path of what is the reader's."""
    wire.http.cookie_jar.clear()
    async with wire.http.post("/my", data={"key": key or wire.key}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/my"), await response.text()
        wire.http.headers["Cookie"] = f"{COOKIE}={response.cookies[COOKIE].value}"
    return "/my/subscriptions"


async def test_a_key_shows_and_changes_its_own_subscriptions(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), query="folding paper cranes", sensitivity=0.5)
    home = await enter(wire)
    status, text, _ = await ask(wire, "GET", "/my")
    assert (status, "folding paper cranes" in text, "threshold 0.50" in text) == (200, True, True)
    one = f"{home}/{made['id']}"
    assert "Paused" in await follow(wire, one + "/pause")
    assert (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["state"]["status"] == "paused"
    assert "Resumed" in await follow(wire, one + "/resume")
    assert "delivered, the endpoint answered 204" in await follow(wire, one + "/test")
    assert "The threshold is now 0.7" in await follow(wire, one + "/threshold", {"threshold": "0.7"})
    assert (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["sensitivity"] == 0.7
    assert "about 5 a week" in await follow(wire, one + "/volume", {"per_week": "5"})
    assert (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["sensitivity"] == {"per_week": 5.0}
    assert "was deleted" in await follow(wire, one + "/delete", {"sure": "yes"})
    await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=404)


async def test_the_log_lists_each_delivery_and_can_send_it_again(wire: Wire, receiver: Receiver) -> None:
    receiver.answer("/hook", 500, 204)
    made = await wire.subscribe(receiver.url(), query="folding paper cranes")
    await wire.publish(indexed(PAPER))
    await receiver.count(1)
    await until(lambda: _tried(wire, made["id"]))
    one = f"{await enter(wire)}/{made['id']}"
    (delivery,) = await wire.deliveries(made["id"])
    text = (await ask(wire, "GET", one))[1]
    assert PAPER.id in text
    assert "attempt 1" in text
    assert "The delivery is being sent again." in await follow(wire, one + "/redeliver", {"delivery": delivery["id"]})
    assert len(await receiver.count(2)) == 2


async def _tried(wire: Wire, subscription: str) -> bool:
    return bool((await wire.deliveries(subscription))[0]["log"])


async def test_a_preview_has_a_slider_and_lists_the_alerts(wire: Wire, receiver: Receiver) -> None:
    await fill(wire.runtime.qdrant(), [PAPER.model_copy(update={"published": "2027-01-10"})])
    made = await wire.subscribe(receiver.url(), query="folding paper cranes")
    text = (await ask(wire, "GET", f"{await enter(wire)}/{made['id']}"))[1]
    assert 'type="range"' in text
    assert len(re.findall(r'<tr><td class="n">0\.\d{3}</td>', text)) >= 20
    assert "Alerts that it would have sent lately: 1<" in text
    assert f'<a href="/papers/{PAPER.id}">{PAPER.title}</a>' in text


@pytest.mark.parametrize(
    ("act", "form", "said"),
    (
        ("threshold", {"threshold": "nan"}, "Enter a number from 0 to 1."),
        ("threshold", {}, "Enter a number from 0 to 1."),
        ("volume", {"per_week": "-1"}, "Enter a number from 0.1 to 1000."),
        ("delete", {}, "Check the box first"),
        ("redeliver", {"delivery": "nonsense"}, "This delivery does not exist."),
    ),
)
async def test_an_invalid_action_changes_nothing(
    wire: Wire, receiver: Receiver, act: str, form: dict[str, str], said: str
) -> None:
    made = await wire.subscribe(receiver.url(), query="folding paper cranes")
    status, text, _ = await ask(wire, "POST", f"{await enter(wire)}/{made['id']}/{act}", form)
    assert (status, said in text) == (422, True), text
    assert await wire.call("GET", f"/v1/subscriptions/{made['id']}") == {k: v for k, v in made.items() if k != "secret"}


async def test_subscriptions_of_others_are_not_found(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), query="folding paper cranes")
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    theirs = await enter(wire, other)
    assert made["id"] not in (await ask(wire, "GET", "/my"))[1]
    assert (await ask(wire, "GET", f"{theirs}/{made['id']}"))[0] == 404
    for act in ("pause", "resume", "test", "threshold", "volume", "delete", "redeliver"):
        assert (await ask(wire, "POST", f"{theirs}/{made['id']}/{act}", {"sure": "yes"}))[0] == 404
    assert (await wire.call("GET", f"/v1/subscriptions/{made['id']}"))["state"]["status"] == "active"


async def test_attempts_to_guess_keys_are_limited(wire: Wire) -> None:
    statuses = [(await ask(wire, "POST", "/my", {"key": f"pw_{number}"}))[0] for number in range(31)]
    assert statuses == [403] * 30 + [429]


async def test_the_link_in_a_mail_opens_every_subscription_of_its_address(wire: Wire, mail_server: MailServer) -> None:
    form = {"address": "reader@example.org", "q": "folding paper cranes", "often": "instant"}
    for wanted in (form, form | {"q": "robot arms"}):
        before = len(mail_server.taken)
        await ask(wire, "POST", "/subscribe", wanted)
        await until(lambda before=before: len(mail_server.taken) > before)  # type: ignore[misc]
        asked = mail_server.taken[-1].get_body(("html",))
        assert asked
        confirm = re.search(r'href="https?://[^/"]+(/f/[^"]+)"[^>]*>Confirm subscription<', asked.get_content())
        assert confirm
        status, text, _ = await ask(wire, "POST", confirm[1])
        assert status == 200
    manage = re.search(r'<a href="([^"]+)">Manage this subscription<', text)
    assert manage
    text = (await ask(wire, "GET", f"/f/{manage[1]}"))[1]
    home = re.search(r'<a href="(/my/[^"]+)">All my subscriptions<', text)
    assert home
    text = (await ask(wire, "GET", home[1]))[1]
    assert "folding paper cranes" in text
    assert "robot arms" in text


async def test_the_link_of_an_alert_opens_only_its_subscription(
    wire: Wire, receiver: Receiver, mail_server: MailServer, clock: Clock
) -> None:
    """INVARIANT: an alert is read by whom its owner chose; only an address that owns a subscription sees its others."""
    channel = {"type": "email", "address": "guest@example.org"}
    (info,) = await ApiKeys(wire.runtime.redis).list()
    await Consents(wire.runtime.redis, ()).give(info.id, "guest@example.org")
    await wire.call("POST", "/v1/subscriptions", {"query": "folding paper cranes", "channel": channel}, status=201)
    await wire.subscribe(receiver.url(), query="robot arms")
    await wire.publish(indexed(PAPER).model_copy(update={"indexed_at": from_unix(clock.now)}))
    await until(lambda: mail_server.taken)
    part = mail_server.taken[0].get_body(("html",))
    assert part
    manage = re.search(r'href="https?://[^/"]+(/f/[^"]+)"[^>]*>Manage subscription', part.get_content())
    assert manage, part.get_content()
    status, text, _ = await ask(wire, "GET", manage[1])
    assert (status, "folding paper cranes" in text, "All my subscriptions" in text) == (200, True, False)
