"""Composes the message of a delivery from plain values, in a worker process. Pure."""

import re
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.notifier.mailing.contents import MailContext, Rendered, fill, plain_name, render
from services.notifier.mailing.mime import Letter, encode, sender_of
from services.notifier.secrets.signed_links import CONFIRMATION_LIFETIME, Action, Claim, Links
from services.notifier.secrets.signed_links import LIFETIME as LINK_LIFETIME
from shared.papers.paper import Model

PERMANENT_S: Final = 10 * 365 * 86_400
"""Seconds that the link to unsubscribe is valid: readers must be able to leave by an old message."""
_LINK_LIKE: Final = re.compile(r"[/@]|\w\.\w")


class Task(Model):
    """The input of a message. `made` is when its delivery was made, `at` when it is sent, in Unix seconds.

    `confirms` is whether the message asks an address to confirm; `key` signs links, in hexadecimal.
    """

    id: str
    to: str
    sender: str
    made: float
    at: float
    confirms: bool
    subscription: str
    name: str
    timezone: str
    when: str
    meaning: bool
    site: str
    key: str
    feed: str


def compose(task: Task, body: dict[str, Any]) -> bytes:
    """Return the message of a task; the date is all that differs between attempts."""
    links = Links(task.site, bytes.fromhex(task.key))
    leave = None if task.confirms else _link(links, task, Action.UNSUBSCRIBE, task.to)
    rendered = _confirmation(links, task) if task.confirms else render(body, _mail_context(links, task, leave))
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
    """Compose a message in a worker, from a line with the task and the body of the delivery, both JSON."""
    task, _, body = request.partition(b"\n")
    return compose(Task.model_validate_json(task), orjson.loads(body))


def _confirmation(links: Links, task: Task) -> Rendered:
    """Return the message that asks for confirmation, without a name that could be a link: anybody may type it."""
    link = _link(links, task, Action.CONFIRM, task.to, CONFIRMATION_LIFETIME)
    name = "" if _LINK_LIKE.search(task.name) else plain_name(task.name)
    return fill("confirm", "Confirm your subscription", name=name, link=link, site=task.site, when=task.when)


def _mail_context(links: Links, task: Task, leave: str | None) -> MailContext:
    return MailContext(
        public_url=task.site,
        timezone=task.timezone,
        unsubscribe=leave,
        manage=_link(links, task, Action.MANAGE, task.to, LINK_LIFETIME),
        feed=task.feed,
        feedback=lambda paper: _feedback(links, task, paper),
    )


def _feedback(links: Links, task: Task, paper: str) -> dict[str, str]:
    """Return the links below each paper; those of the subscription stand at the end of the message."""
    offered = (Action.MORE, Action.LESS) * task.meaning + (Action.MUTE,)
    made = {action.value: _link(links, task, action, paper, LINK_LIFETIME) for action in offered}
    return {action: link for action, link in made.items() if link}


def _link(links: Links, task: Task, action: Action, about: str, lifetime: int = PERMANENT_S) -> str | None:
    return links.to(Claim(action, task.subscription, about, int(task.made) + lifetime))
