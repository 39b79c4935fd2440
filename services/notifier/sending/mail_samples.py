"""A sample of each kind of mail, made by what makes real mail. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from services.notifier.alerts import digest_body
from services.notifier.alerts.digest_body import Period
from services.notifier.channels.email import Email
from services.notifier.mailing.compose import Task, compose
from services.notifier.matching import alert_body
from services.notifier.matching.match import match, subject
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.model import NewSubscription, State, Subscription
from shared.papers.paper import Change, ChangeKind, Paper, Signals

READER: Final = "reader@example.org"
SENDER: Final = "Paperwire <news@example.org>"
_KEY: Final = b"sample"
"""What signs the links, which lead nowhere: no instance has this key."""
_ID: Final = "00000000-0000-4000-8000-000000000000"
_PAPERS: Final = 5
_MORE: Final = 12
"""How many more papers matched than a digest shows."""
_NO_SIGNALS: Final = Signals()
_NOTE: Final = "Announced today: 412 entries of arxiv."


@dataclass(frozen=True, slots=True)
class Sample:
    """What a kind of mail is about: fields of its subscription, and the change and the counters of its papers."""

    fields: Mapping[str, Any]
    change: ChangeKind = ChangeKind.NEW
    confirms: bool = False
    note: str | None = None
    withdrawn: bool = False
    signals: Signals = _NO_SIGNALS


_INTEREST: Final = {"query": "language models that use tools", "sensitivity": 0.4}
_POPULAR: Final = Signals(upvotes=48, citations=12, stars=230, comments=3)
_DAILY: Final = {"schedule": {"daily": "08:00", "timezone": "Europe/Paris"}}
SAMPLES: Final[Mapping[str, Sample]] = {
    "confirm": Sample(_INTEREST | _DAILY, confirms=True),
    "alert": Sample(_INTEREST),
    "withdrawn": Sample(_INTEREST | {"changes": ["withdrawn"]}, ChangeKind.WITHDRAWN, withdrawn=True),
    "digest": Sample(_INTEREST | _DAILY, note=_NOTE),
    "trending": Sample(_DAILY | {"changes": ["trending"]}, ChangeKind.TRENDING, signals=_POPULAR),
}
"""The kinds of mail by name: the request to confirm, alerts, and digests."""


def sample_mail(kind: str, papers: Sequence[Paper], site: str, at: datetime) -> bytes:
    """Return the message of a kind, with some of the papers, of which there must be one; `site` is our address."""
    sample = SAMPLES[kind]
    new = NewSubscription.model_validate(dict(sample.fields) | {"channel": Email(type="email", address=READER)})
    fields = new.model_dump(by_alias=True) | {"name": new.title, "channel": new.channel}
    one = Subscription(**fields, id=_ID, state=State(since=at), created_at=at, updated_at=at)
    task = Task(
        id=_ID, to=READER, sender=SENDER, made=at.timestamp(), at=at.timestamp(), confirms=sample.confirms,
        subscription=one.id, name=one.name, timezone="Europe/Paris", when=schedule_phrase(one.schedule),
        meaning=one.has_vector, site=site, key=_KEY.hex(), feed=f"{site}/feeds/private/sample.atom",
    )  # fmt: skip
    return compose(task, {} if sample.confirms else orjson.loads(_body(one, sample, papers, at)))


def _body(one: Subscription, sample: Sample, papers: Sequence[Paper], at: datetime) -> bytes:
    alerts = (_alert(one, sample, paper, 0.71 - 0.03 * place, at) for place, paper in enumerate(papers[:_PAPERS]))
    if one.schedule == "instant":
        return next(alerts)
    period = Period(at - timedelta(days=1), at)
    return digest_body.compose(one, map(orjson.loads, alerts), _PAPERS + _MORE, period, sample.note)


def _alert(one: Subscription, sample: Sample, paper: Paper, score: float, at: datetime) -> bytes:
    status = "withdrawn" if sample.withdrawn else paper.status
    shown = paper.model_copy(update={"status": status, "published": at.date().isoformat(), "signals": sample.signals})
    change = Change(kind=sample.change)
    found = match(one, subject(shown, (change,)), score if one.has_vector else 0.0)
    if found is None:
        raise ValueError(f"the sample paper {paper.id} does not match its subscription")
    return alert_body.compose(one, shown, found, at)
