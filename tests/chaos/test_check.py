"""The check finds each kind of broken promise in a history, and none in a history without one."""

from typing import Any

import pytest

from tests.chaos.check import outstanding, violations
from tests.chaos.history import Event, History

PAPER = "chaos:0-1"
DUE = "2026-10-25T00:30:00Z"


def attempt(name: str, id_: str, **fields: Any) -> Event:
    base = {"type": "paper.new", "papers": [PAPER], "more": 0, "to": None, "body": "b", "signed": True, "answered": 204}
    return {"kind": "attempt", "at": 3.0, "subscription": name, "id": id_} | base | fields


def history(*more: Event) -> History:
    """Return a history that is in order: one paper, one alert that needed two attempts, one digest, one poison."""
    categories = ["chaos.ALL", "chaos.DIGEST"]
    events: list[Event] = [
        {"kind": "accepted", "at": 1.0, "changes": [[PAPER, "paper.new", categories]]},
        {"kind": "looked", "at": 1.1, "paper": PAPER, "status": 200},
        {"kind": "poison", "at": 2.0, "mark": "poison-0"},
        attempt("all", "a", answered=None),
        attempt("all", "a"),
        attempt("digest", "d", type="digest", to=DUE),
        {"kind": "final", "at": 9.0, "papers": [PAPER], "dead": [{"marks": ["poison-0"]}], "unsettled": []},
    ]
    return History(events=[*events, *more])


def final(**fields: Any) -> Event:
    return {"kind": "final", "at": 10.0, "papers": [PAPER], "dead": [{"marks": ["poison-0"]}], "unsettled": []} | fields


def test_a_history_in_order_breaks_no_promise() -> None:
    assert violations(history()) == []
    assert outstanding(history()) == set()


BROKEN: list[tuple[Event, str]] = [
    (attempt("all", "b"), "twice: 2 webhook ids"),
    (attempt("half", "h"), "unexpected: an alert for"),
    (attempt("all", "a", signed=False), "unsigned: a"),
    (attempt("digest", "e", type="digest", to=DUE, papers=[]), f"twice: 2 digests for {DUE}"),
    (attempt("digest", "e", type="digest", to="2026-10-26T01:30:00Z"), "twice: 2 webhook ids for ('digest'"),
    (attempt("digest", "e", type="digest", to="2026-10-25T01:30:00Z", papers=[]), "no hour of its schedule"),
    (attempt("digest", "d", type="digest", to=DUE, body="other"), "with several contents"),
    ({"kind": "accepted", "changes": [["chaos:0-2", "paper.new", ["chaos.ALL"]]]}, "lost: chaos:0-2 is not in the"),
    ({"kind": "accepted", "changes": [["chaos:0-2", "paper.new", ["chaos.ALL"]]]}, "lost: no 2xx for ('all'"),
    ({"kind": "accepted", "changes": [["chaos:0-2", "paper.new", ["chaos.DIGEST"]]]}, "1 papers in digests, of 2"),
    ({"kind": "looked", "paper": PAPER, "status": 404}, "was said to be searchable"),
    (final(papers=[PAPER, PAPER]), "has 2 points"),
    (final(papers=[PAPER, "chaos:9-9"]), "unexpected: chaos:9-9"),
    (final(unsettled=["papers.indexed.v1 notifier"]), "unsettled: "),
    (final(dead=[]), "poison-0 led to 0 dead letters"),
    (final(dead=[{"marks": ["poison-0"]}] * 2), "poison-0 led to 2 dead letters"),
    (final(dead=[{"marks": ["poison-0"]}, {"marks": []}]), "1 dead letters that are no poison"),
    ({"kind": "terminated", "status": None, "seconds": 15.0}, "SIGTERM: status None"),
    ({"kind": "traceback", "command": "import", "errors": "Traceback\nOSError"}, "a traceback of import"),
    ({"kind": "bad answer", "path": "/v1/search", "status": 500, "answer": ""}, "/v1/search answered 500"),
    ({"kind": "refused", "told": {"dead": 1}}, "an import did not accept all"),
    ({"kind": "error", "what": "AssertionError: not ready"}, "not ready"),
]


@pytest.mark.parametrize(("event", "sentence"), BROKEN)
def test_a_broken_promise_is_found(event: Event, sentence: str) -> None:
    assert any(sentence in found for found in violations(history(event)))


def test_an_alert_that_was_never_accepted_is_lost() -> None:
    lost = History(events=[event for event in history().events if event.get("answered") != 204])
    assert outstanding(lost) == {("all", PAPER, "paper.new"), ("digest", PAPER, "paper.new")}
    assert "lost: no 2xx for ('all', 'chaos:0-1', 'paper.new')" in violations(lost)


def test_a_poison_of_the_seconds_before_a_power_cut_may_be_gone() -> None:
    cut = {"kind": "step", "at": 2.5, "fault": "power"}
    assert violations(history(cut, final(dead=[]))) == []


def test_a_run_that_did_not_end_breaks_its_promises() -> None:
    unfinished = History(events=[event for event in history().events if event["kind"] != "final"])
    assert f"lost: {PAPER} is not in the index" in violations(unfinished)
