"""The check of a history: what was lost, what was done twice, and what should not have happened. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.chaos.clock import digest_hours
from tests.chaos.history import Event, History
from tests.chaos.load import SUBSCRIPTIONS

Change = tuple[str, str, str]
"""A subscription, a paper, and the type of its alert."""


def expected(history: History) -> set[Change]:
    """Return the alerts that the accepted papers lead to."""
    wanted = {
        name: (fields["categories"][0], {f"paper.{change}" for change in fields.get("changes", ["new"])})
        for name, fields in SUBSCRIPTIONS.items()
    }
    return {
        (name, paper, type_)
        for event in history.of("accepted")
        for paper, type_, categories in event["changes"]
        for name, (category, types) in wanted.items()
        if category in categories and type_ in types
    }


def received(history: History, *, accepted: bool = True) -> dict[Change, set[str]]:
    """Return the ids of the webhooks by what they are about; `accepted`: only those that were answered with 2xx."""
    found: dict[Change, set[str]] = defaultdict(set)
    for event in history.of("attempt"):
        if event["answered"] or not accepted:
            kind = "paper.new" if event["type"] == "digest" else event["type"]
            for paper in event["papers"]:
                found[event["subscription"], paper, kind].add(event["id"])
    return found


def outstanding(history: History) -> set[Change]:
    """Return the alerts that no receiver has accepted yet; of digests, the best thirty papers are listed."""
    missing = expected(history) - set(received(history))
    digests = {change for change in missing if change[0] == "digest"}
    return missing - digests if len(digests) <= _more(history) else missing


def violations(history: History) -> list[str]:
    """Return a sentence for each promise that was broken."""
    return [*_alerts(history), *_digests(history), *_index(history), *_dead(history), *_conduct(history)]


def _alerts(history: History) -> Iterator[str]:
    wanted, all_ids = expected(history), received(history, accepted=False)
    for change in sorted(outstanding(history)):
        yield f"lost: no 2xx for {change}"
    for change, ids in sorted(all_ids.items()):
        if len(ids) > 1:
            yield f"twice: {len(ids)} webhook ids for {change}"
        if change not in wanted:
            yield f"unexpected: an alert for {change}"
    for event in history.of("attempt"):
        if not event["signed"]:
            yield f"unsigned: {event['id']}"


def _digests(history: History) -> Iterator[str]:
    by_id: dict[str, list[Event]] = defaultdict(list)
    for event in history.of("attempt"):
        if event["type"] == "digest":
            by_id[event["id"]].append(event)
    ids = Counter(events[0]["to"] for events in by_id.values())
    for due, count in ids.items():
        if count > 1:
            yield f"twice: {count} digests for {due}"
        if (moment := datetime.fromisoformat(due)) not in digest_hours(moment):
            yield f"unexpected: a digest for {due}, which is no hour of its schedule"
    for id_, events in by_id.items():
        if len({event["body"] for event in events}) > 1:
            yield f"changed: the digest {id_} was sent with several contents"
    announced = sum(len(events[0]["papers"]) + events[0]["more"] for events in by_id.values())
    matched = sum(change[0] == "digest" for change in expected(history))
    if announced != matched:
        yield f"lost or twice: {announced} papers in digests, of {matched}"


def _more(history: History) -> int:
    """Return how many papers the accepted digests count without listing them."""
    return sum({e["id"]: e["more"] for e in history.of("attempt") if e["type"] == "digest" and e["answered"]}.values())


def _index(history: History) -> Iterator[str]:
    ended = _last(history)
    found = Counter(ended.get("papers", []))
    wanted = {paper for event in history.of("accepted") for paper, _, _ in event["changes"]}
    for paper in sorted(wanted - set(found)):
        yield f"lost: {paper} is not in the index"
    for paper, count in sorted(found.items()):
        if count > 1:
            yield f"twice: {paper} has {count} points"
        if paper not in wanted:
            yield f"unexpected: {paper} is in the index"
    for event in history.of("looked"):
        if event["status"] != 200:
            yield f"lost: {event['paper']} was said to be searchable, and was not found"
    if ended.get("unsettled"):
        yield f"unsettled: {ended['unsettled']}"


def _dead(history: History) -> Iterator[str]:
    """Each poison is one dead letter; a power cut may lose one that was written in the second before it."""
    letters = _last(history).get("dead", [])
    marks = {event["mark"]: event["at"] for event in history.of("poison")}
    cuts = [event["at"] for event in history.of("step") if event["fault"] == "power"]
    counted = Counter(next((mark for mark in marks if _is_of(mark, letter)), None) for letter in letters)
    if strangers := counted.pop(None, 0):
        yield f"unexpected: {strangers} dead letters that are no poison, such as {letters[0]}"
    for mark, at in marks.items():
        lost = counted[mark] == 0 and any(at < cut < at + 10 for cut in cuts)
        if counted[mark] != 1 and not lost:
            yield f"{mark} led to {counted[mark]} dead letters"


def _is_of(mark: str, letter: dict[str, str]) -> bool:
    return mark in letter["marks"]


def _conduct(history: History) -> Iterator[str]:
    for event in history.of("traceback"):
        yield f"a traceback of {event['command']}: {event['errors'].splitlines()[-1]}"
    for event in history.of("bad answer"):
        yield f"{event['path']} answered {event['status']}: {event['answer']}"
    for event in history.of("terminated"):
        if event["status"] not in (0, -9):
            yield f"SIGTERM: status {event['status']} after {event['seconds']} s"
    for event in history.of("refused"):
        yield f"an import did not accept all: {event['told']}"
    for event in history.of("error"):
        yield event["what"]


def _last(history: History) -> dict[str, Any]:
    ended = history.of("final")
    return ended[-1] if ended else {}
