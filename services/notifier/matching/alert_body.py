"""The body of an alert, and the id under which it is delivered once. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.secret import Secret
from services.notifier.matching.condition_outcome import Outcome
from services.notifier.matching.match import Match
from services.notifier.subscription.model import Subscription, derived_id
from shared.moments import iso
from shared.papers.paper import Author, Change, Paper
from shared.papers.tldr import tldr_in

MAX_BODY: Final = 64 * 1024
"""The most bytes of a body."""
MAX_REASONS: Final = 20
"""The most reasons that an alert lists."""
MAX_MERGED: Final = 20
"""The most subscriptions that a merged alert lists."""
_PLACE: Final = 1
"""The place of a condition among the reasons: after the change, so that messages that show few of them show it."""
_KEPT: Final = ("id", "first_id", "title", "published", "date_precision", "date_basis", "updated")
"""What identifies a paper."""

Document = dict[str, Any]


def alert_id(subscription: str, work: str, change: Change) -> str:
    """Return the `webhook-id`, the same for every attempt and every repetition of the event."""
    return derived_id(orjson.dumps([subscription, work, change.kind.value, change.version]).decode())


def merged_id(owner: str, channel: AnyChannel, work: str, change: Change) -> str:
    """Return the `webhook-id` of an alert that merges all subscriptions of an owner to one endpoint.

    It does not depend on which of them match, so it is still one alert if one is paused before the event is repeated.
    """
    # Defaults are left out, so that a new field of a channel does not change the id.
    fields = type(channel).model_fields
    given = [(name, value) for name, value in channel if value != fields[name].get_default(call_default_factory=True)]
    where = [[name, _known(value)] for name, value in given]
    named = [owner, where, work, change.kind.value, change.version]
    return derived_id(orjson.dumps(named).decode())


def _known(value: object) -> object:
    """Return a value of a channel, with the mark of a secret in its place."""
    if isinstance(value, dict):
        return sorted([name, _known(each)] for name, each in value.items())
    return value.mark if isinstance(value, Secret) else str(value)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One subscription that an alert is for, with its match and the feedback links by action."""

    subscription: Subscription
    match: Match
    links: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> Document:
        """Return the entry in the list of a merged alert."""
        named = {"id": self.subscription.id, "name": self.subscription.name}
        return named | {"match": _match(self.match)} | ({"links": dict(self.links)} if self.links else {})


def _match(match: Match) -> Document:
    return {"score": match.score, "threshold": match.threshold, "reasons": list(match.reasons[:MAX_REASONS])}


def compose(  # the parts of an alert, by name
    subscription: Subscription,
    paper: Paper,
    match: Match,
    at: datetime,
    links: Mapping[str, str] | None = None,
    *,
    others: Sequence[Recipient] = (),
) -> bytes:
    """Return an alert as JSON of at most `MAX_BODY` bytes; the longest parts of the paper are cut first.

    `links` are the feedback links by action. A merged alert lists all its subscriptions: first the one whose secret
    signs it, then the `others`.
    """
    first = Recipient(subscription, match, links or {})
    document: Document = {
        "type": f"paper.{match.change.kind.value}",
        "timestamp": iso(at, "auto"),
        "data": {
            "subscription": {"id": subscription.id, "name": subscription.name},
            "paper": _spoken(paper.model_dump(mode="json"), subscription.language),
            "match": _match(match),
        },
    }
    if links:
        document["data"]["links"] = dict(links)
    if subscription.merge:
        document["data"]["subscriptions"] = [one.document() for one in (first, *others)[:MAX_MERGED]]
    return _fitted(document)


def _spoken(paper: Document, language: str | None) -> Document:
    """Return a paper with its summary in a language, if there is one in it."""
    return paper | {"tldr": tldr_in(paper["tldr"], language)} if language and paper["tldr"] else paper


def with_outcome(body: bytes, outcome: Outcome) -> bytes:
    """Return an alert that says what came of the condition of its subscription."""
    document = orjson.loads(body)
    match = document["data"]["match"]
    reasons = [*match["reasons"][:_PLACE], outcome.sentence, *match["reasons"][_PLACE:]]
    document["data"]["match"] = match | {"reasons": reasons[:MAX_REASONS], "condition": outcome.model_dump()}
    return _fitted(document)


def _fitted(document: Document) -> bytes:
    """Serialize an alert, shortened step by step until it fits."""
    raw = orjson.dumps(document)
    for shorten in _SHORTER:
        if len(raw) <= MAX_BODY:
            return raw
        shorten(document["data"]["paper"], len(raw) - MAX_BODY)
        raw = orjson.dumps(document)
    if len(raw) > MAX_BODY:
        for one in document["data"].get("subscriptions", ()):
            del one["match"]
            one.pop("links", None)
        raw = orjson.dumps(document)
    return raw


def _drop_latex(paper: Document, _: int) -> None:
    """Leave the abstract without its second form, which would not match a shorter one."""
    paper["abstract_tex"] = None


def _cut_abstract(paper: Document, excess: int) -> None:
    """Cut at least `excess` bytes from the end of the abstract, if it has that many."""
    text: str = paper["abstract"]
    kept = len(text)
    spare = excess + len("…".encode())
    while kept and spare > 0:
        kept -= 1
        spare -= len(orjson.dumps(text[kept])) - 2  # as serialized: some characters are escaped
    if kept < len(text):
        paper["abstract"] = text[:kept].rstrip() + "…"


def _cut_lists(paper: Document, _: int) -> None:
    for field_name, limit in (("authors", 100), ("keywords", 20), ("sources", 10), ("categories", 50)):
        paper[field_name] = paper[field_name][:limit]
    paper["links"]["code"] = paper["links"]["code"][:10]
    paper["identifiers"] = dict(list(paper["identifiers"].items())[:10])


def _cut_title(paper: Document, _: int) -> None:
    if len(paper["title"]) > 1_000:  # noqa: PLR2004
        paper |= {"title": paper["title"][:1_000] + "…", "title_tex": None}


def _cut_to_minimum(paper: Document, _: int) -> None:
    """Reduce the paper to what identifies it."""
    kept = {name: paper[name] for name in _KEPT}
    paper.update(Paper(**kept).model_dump(mode="json"))


_SHORTER: Final[tuple[Callable[[Document, int], None], ...]] = (
    _drop_latex,
    _cut_abstract,
    _cut_lists,
    _cut_title,
    _cut_to_minimum,
)

SAMPLE: Final = Paper(
    id="paperwire:test",
    title="A test alert from Paperwire",
    abstract="Your endpoint receives alerts like this one: a paper, the subscription it matched, and why.",
    authors=(Author(name="Paperwire"),),
)
"""The paper of a test alert."""
