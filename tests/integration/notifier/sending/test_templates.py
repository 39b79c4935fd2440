"""TemplateWorker of subscribers: they make what is sent, and cannot do anything else, nor for long."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from services.notifier.channels.webhook import Webhook as WebhookChannel
from services.notifier.sending.messages import Messages
from services.notifier.sending.rendering import UnusableTemplateError
from services.notifier.sending.template_worker import PROCESSES, TemplateWorker
from shared.papers.paper import Paper
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until
from tests.unit.notifier.sending.test_shapes import event

PAPER = Paper(id="arXiv:2603.00001", title='Folding "cranes"', categories=("cs.RO",))
MINE = '{"text": {{ (heading ~ ": " ~ title) | tojson }}, "id": {{ paper.id | tojson }}}'


@pytest.fixture
async def templates() -> AsyncIterator[TemplateWorker]:
    made = TemplateWorker()
    yield made
    await made.close()


HOSTILE = {
    "loops in loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a number computed when it is read": "{{ 10 ** (10 ** 10) }}",
    "a text repeated when it is read": '{{ "a" * 10 ** 10 }}',
    "a text repeated": '{% set x = "a" * 300000000 %}{{ x * 10 }}',
    "a format": '{{ "%2000000000d" % 1 }}',
    "a filter": '{{ "x" | center(2000000000) }}',
    "a list doubled": "{% set n = namespace(x=[1]) %}{% for i in range(50) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "a macro without end": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "brackets in brackets": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "too much text": '{% for i in range(2000) %}{{ "a" * 100 }}{% endfor %}',
    "a class": '{{ "".__class__.__mro__ }}',
    "a module": '{{ cycler.__init__.__globals__.os.popen("id").read() }}',
    "a file": '{% include "/etc/passwd" %}',
    "a file of ours": '{% include "../view.py" %}',
    "a variable that is none": "{{ paper.titel }}",
    "no template": "{% if %}",
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_hostile_template_is_ended_and_the_next_one_is_served(templates: TemplateWorker, what: str) -> None:
    with pytest.raises(UnusableTemplateError, match="template"):
        await templates.render("somebody", HOSTILE[what], event())
    assert json.loads(await templates.render("another", MINE, event()))["text"].startswith("New paper: Folding")


async def test_checks_of_one_owner_s_templates_do_not_hold_up_another_s(templates: TemplateWorker) -> None:
    """INVARIANT: a template is checked in the turn of its owner."""
    messages = Messages(templates)

    async def check(owner: str, template: str) -> None:
        channel = WebhookChannel.model_validate(
            {"type": "webhook", "url": "https://example.org/", "template": template}
        )
        await messages.check(owner, channel)

    hostile = [asyncio.create_task(check("hostile", HOSTILE["loops in loops"])) for _ in range(6)]
    await asyncio.sleep(0)
    await check("another", MINE)
    ended = sum(task.done() for task in hostile)
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    assert ended < len(hostile) - 1


async def test_one_owner_takes_one_process_at_a_time(templates: TemplateWorker) -> None:
    """INVARIANT: an owner whose templates never end does not keep others waiting for theirs."""
    hostile = [
        asyncio.create_task(templates.render("hostile", HOSTILE["loops in loops"], event()))
        for _ in range(3 * PROCESSES)
    ]
    await asyncio.sleep(0)
    assert await templates.render("another", "{{ title }}", event()) == "Folding Paper Cranes"
    assert not all(task.done() for task in hostile)
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    assert await templates.render("another", "{{ title }}", event()) == "Folding Paper Cranes"


async def test_a_worker_does_not_see_our_environment(
    templates: TemplateWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWIRE_SECRET_KEY", "a key that no renderer may see, ever")
    await templates.render("somebody", "x", event())
    (process,) = templates._worker.process_ids
    environment = await asyncio.to_thread(Path(f"/proc/{process}/environ").read_bytes)
    assert b"PYTHONPATH" in environment
    assert b"PAPERWIRE" not in environment


async def subscribe(wire: Wire, status: int, **channel: Any) -> Any:
    return await wire.call("POST", "/v1/subscriptions", {"categories": ["cs.RO"], "channel": channel}, status=status)


async def test_a_template_renders_the_body_that_is_signed(wire: Wire, receiver: Receiver) -> None:
    made = await subscribe(wire, 201, type="webhook", url=receiver.url(), template=MINE)
    await wire.publish(indexed(PAPER))
    (arrived,) = await receiver.count(1)
    assert Webhook(made["secret"]).verify(arrived.body, arrived.headers) == {
        "text": 'New paper: Folding "cranes"',
        "id": "arXiv:2603.00001",
    }


async def test_a_built_in_template_works_for_any_endpoint(wire: Wire, receiver: Receiver) -> None:
    await subscribe(wire, 201, type="webhook", url=receiver.url(), template='{% include "mattermost.json.j2" %}')
    await wire.publish(indexed(PAPER))
    (arrived,) = await receiver.count(1)
    assert json.loads(arrived.body)["text"].startswith("**New paper:**")


async def test_chats_accept_templates_and_webhooks_accept_other_content_types(wire: Wire, receiver: Receiver) -> None:
    await subscribe(wire, 201, type="slack", url=receiver.url("/slack"), template='{"text": {{ title | tojson }}}')
    text = {"template": "{{ title }}", "content_type": "text/plain"}
    await subscribe(wire, 201, type="webhook", url=receiver.url("/text"), **text)
    await wire.publish(indexed(PAPER))
    arrived = {one.path: one for one in await receiver.count(2)}
    assert json.loads(arrived["/slack"].body) == {"text": 'Folding "cranes"'}
    assert (arrived["/text"].body, arrived["/text"].headers["Content-Type"]) == (b'Folding "cranes"', "text/plain")


@pytest.mark.parametrize(
    ("channel", "says"),
    (
        ({"template": "{% if %}"}, "line 1 of the template"),
        ({"template": "{{ titel }}"}, "'titel' is undefined"),
        ({"template": "{{ title }}"}, "does not render JSON"),
        ({"template": "[1]", "type": "slack"}, "does not render a JSON object"),
        ({"template": "x" * 16_385}, "16384"),
        ({"template": HOSTILE["loops in loops"]}, "more than 0.5 s of the processor"),
        ({"content_type": "text/html\r\nx: y"}, "must be a media type"),
    ),
)
async def test_a_broken_template_is_refused_at_once(
    wire: Wire, receiver: Receiver, channel: dict[str, Any], says: str
) -> None:
    problem = await subscribe(wire, 422, **{"type": "webhook", "url": receiver.url()} | channel)
    assert says in problem["detail"]
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"])
    patch = {"channel": {"type": "webhook", "url": receiver.url()} | channel}
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", patch, status=422)


async def test_a_template_that_fails_later_is_shown_in_the_delivery_log(wire: Wire, receiver: Receiver) -> None:
    template = '{"stars": {{ 1 // (paper.categories | length - 1) if paper.id != "paperwire:test" else 0 }}}'
    made = await subscribe(wire, 201, type="webhook", url=receiver.url(), template=template)
    await wire.publish(indexed(PAPER))

    async def logged() -> Any:
        found = await wire.deliveries(made["id"])
        return found[0]["log"] if found else None

    (attempt,) = await until(logged)
    assert (attempt["status"], "ZeroDivisionError" in attempt["error"]) == (None, True)
    assert receiver.arrived == []
