"""A delivery as a message, from plain values: what a process of its own is asked for. Pure."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.notifier.mailing.contents import Rendered, Surroundings, filled, render
from services.notifier.mailing.mime import Letter, encode, sender_of
from services.notifier.secrets.signed_links import LIFETIME as LINK_LIFETIME
from services.notifier.secrets.signed_links import Action, Claim, Links
from services.notifier.subscription.owners import CONFIRMATION_LIFETIME
from shared.papers.paper import Model

FOR_GOOD: Final = 10 * 365 * 86_400
"""Seconds that the links to leave and to manage are good for: a mail of years ago has to let its reader go."""
_LINKISH: Final = re.compile(r"[/@]|\w\.\w")


class Task(Model):
    """All that a message is made of. `made` is when its delivery was, `at` when it is sent, both in Unix seconds.

    `asks` is a mail that asks an address whether it wants the subscription; `key` signs links, in hexadecimal.
    """

    id: str
    to: str
    sender: str
    made: float
    at: float
    asks: bool
    subscription: str
    name: str
    timezone: str
    when: str
    meaning: bool
    site: str
    key: str
    feed: str


def written(task: Task, body: dict[str, Any]) -> bytes:
    """Write the message of a task about an alert or a digest: the same every time but for its date."""
    links = Links(task.site, bytes.fromhex(task.key))
    leave = None if task.asks else _link(links, task, Action.UNSUBSCRIBE, "")
    rendered = _asking(links, task) if task.asks else render(body, _around(links, task, leave))
    letter = Letter(
        id=task.id,
        to=task.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        at=datetime.fromtimestamp(task.at, UTC),
        unsubscribe=leave,
        list_id=task.subscription if leave else None,
    )
    return encode(letter, sender_of(task.sender))


def write_request(request: bytes) -> bytes:
    """Write a message when a worker is called: a line with the task, then the body of the delivery, both JSON."""
    task, _, body = request.partition(b"\n")
    return written(Task.model_validate_json(task), orjson.loads(body))


def _asking(links: Links, task: Task) -> Rendered:
    """Write the mail that asks. What a stranger typed is not carried to others where it could be a link."""
    link = _link(links, task, Action.CONFIRM, task.to, CONFIRMATION_LIFETIME)
    name = "" if _LINKISH.search(task.name) else task.name
    return filled("confirm", "Confirm your subscription", name=name, link=link, site=task.site, when=task.when)


def _around(links: Links, task: Task, leave: str | None) -> Surroundings:
    return Surroundings(
        public_url=task.site,
        timezone=task.timezone,
        unsubscribe=leave,
        manage=_link(links, task, Action.MANAGE, task.to),
        feed=task.feed,
        feedback=lambda paper: _feedback(links, task, paper),
    )


def _feedback(links: Links, task: Task, paper: str) -> dict[str, str]:
    """Give the links that stand below each paper; those of the whole subscription stand at the end, once."""
    offered = (Action.MORE, Action.LESS) * task.meaning + (Action.MUTE,)
    made = {action.value: _link(links, task, action, paper, LINK_LIFETIME) for action in offered}
    return {action: link for action, link in made.items() if link}


def _link(links: Links, task: Task, action: Action, about: str, lifetime: int = FOR_GOOD) -> str | None:
    return links.to(Claim(action, task.subscription, about, int(task.made) + lifetime))
