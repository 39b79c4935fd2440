"""Alerts in the shape that each chat documents: within its limits, and nothing in them that calls, links or formats."""

import json
import re
from importlib import import_module
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.channels.definition import Transport
from services.notifier.channels.registry import CHANNELS
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from services.notifier.sending import rendering
from services.notifier.sending.variables import Event, actions, address
from shared.papers.paper import MAX_TLDR, Author, Links, Signals, Tldr
from tests.unit.notifier.channels.texts import texts
from tests.unit.notifier.examples import NEW, NOW, paper, subscription

NASTY = "*bold* _it_ ~s~ `c` <b>x</b> & <!channel> @everyone @all [a](https://evil.example/) ||x|| {{ 7*7 }} </a> \" '"


def event(**fields: Any) -> Event:
    match = Match(NEW, 0.61, 0.45, ("score 0.61 ≥ 0.45", NASTY))
    long = "t" * 290
    links = {kind: f"https://papers.example/f/{kind}.{long}" for kind in ("more", "less", "mute", "pause", "manage")}
    made: Event = orjson.loads(alert_body.compose(subscription(name=NASTY), paper(**fields), match, NOW, links))
    return made


def digest(*alerts: Event, more: int = 0) -> Event:
    entries = [{"type": one["type"], "timestamp": one["timestamp"]} | one["data"] for one in alerts]
    data = {"subscription": alerts[0]["data"]["subscription"], "alerts": entries, "more": more, "note": NASTY}
    return {"type": "digest", "timestamp": "2026-03-01T08:00:00Z", "data": data}


FULL = {"links": Links(abs="https://arxiv.org/abs/2603.00001")}
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)
ANY = st.fixed_dictionaries(
    {
        "title": st.one_of(WORDS, st.just(" \r"), st.just(NASTY * 30), st.just("𝔸" * 3_000)),
        "abstract": st.one_of(st.just(""), WORDS, st.just(NASTY * 100), st.just("é𝔸<" * 5_000)),
        "authors": st.lists(st.builds(Author, name=WORDS), max_size=8).map(tuple),
        "categories": st.lists(WORDS, max_size=4).map(tuple),
        "links": st.sampled_from((Links(), Links(abs="https://example.org/" + "x" * 5_000), FULL["links"])),
    }
)


CHATS = [one.id for one in CHANNELS if one.settings.transport is Transport.JSON]
CHECKS = {id_: import_module(f"tests.unit.notifier.channels.test_{id_}").check for id_ in CHATS}
"""The limits of each service, from the test of its channel."""


@pytest.mark.parametrize("kind", CHATS)
@given(fields=ANY)
def test_every_paper_fits_the_limits_of_every_service(kind: str, fields: dict[str, Any]) -> None:
    made = rendering.ready(kind, event(**fields))
    CHECKS[kind](made)
    assert any(texts(made))


@pytest.mark.parametrize("kind", CHATS)
@given(fields=ANY)
def test_every_digest_fits_too(kind: str, fields: dict[str, Any]) -> None:
    made = rendering.ready(kind, digest(*[event(**fields)] * 30, more=5))
    CHECKS[kind](made)
    assert any(texts(made))


@pytest.mark.parametrize("kind", CHATS)
def test_a_digest_lists_its_papers_and_counts_the_rest(kind: str) -> None:
    said = " ".join(texts(rendering.ready(kind, digest(event(**FULL), event(title="Another Title"), more=3))))
    for words in ("Digest", "5 papers of interest", "Folding Paper Cranes", "Another Title", "and 3 more"):
        assert words in said
    assert ("https://arxiv.org/abs/2603.00001" in said) == (kind != "ntfy")


@pytest.mark.parametrize("kind", CHATS)
def test_a_digest_tells_the_rest_of_a_series_under_its_first_paper(kind: str) -> None:
    made = digest(event(**FULL), event(title="Another Title"), more=3)
    made["data"]["alerts"][0]["also"] = [{"id": "arXiv:2603.00009", "title": "Cranes II"}]
    said = " ".join(texts(rendering.ready(kind, made)))
    for words in ("6 papers of interest", "1 more of", "and 3 more"):
        assert words in said
    assert ("Cranes II" in said) == (kind != "ntfy")


@pytest.mark.parametrize("kind", CHATS)
def test_an_alert_has_the_key_facts(kind: str) -> None:
    said = " ".join(texts(rendering.ready(kind, event(**FULL))))
    for words in ("New paper", "Folding Paper Cranes", "Ada Q. Origami and Bo Fold", "naïvely", "score 0.61"):
        assert words in said
    assert "https://arxiv.org/abs/2603.00001" in said
    assert "https://papers.example/f/less." in said
    assert "Not this" in said


@pytest.mark.parametrize("kind", CHATS)
def test_a_sample_paper_is_marked_in_alerts_and_digests(kind: str) -> None:
    for sample in (True, False):
        one = event(sample=sample, **FULL)
        for made in (one, digest(one)):
            said = " ".join(texts(rendering.ready(kind, made)))
            assert ("Sample: Folding Paper Cranes" in said) is sample


@pytest.mark.parametrize("kind", ("slack", "discord", "teams", "mattermost", "telegram", "matrix"))
def test_a_paper_cannot_format_link_or_call_anybody(kind: str) -> None:
    made = rendering.ready(kind, event(title=NASTY, abstract=NASTY, authors=(Author(name=NASTY),), **FULL))
    said = json.dumps([text for text in texts(made) if text != made.get("body")], ensure_ascii=False)
    assert "49" not in said  # a text is no template
    if kind in ("slack", "telegram", "matrix"):
        assert "<!channel>" not in said
        assert "<b>x" not in said
    elif kind != "discord":  # which is told to mention nobody, and shows its author and footer as they are
        assert "@all" not in said
        assert "@everyone" not in said
        assert not re.search(r"(?<!\\)\[a(?<!\\)\]", said)


def test_only_web_pages_are_linked() -> None:
    bare: dict[str, Any] = {"identifiers": {}, "sources": ()}
    assert address(event(links=Links(), **bare)["data"]["paper"]) == ""
    assert address(event(links=Links(abs="javascript:alert(1)"), **bare)["data"]["paper"]) == ""
    assert (
        address(event(links=Links(), identifiers={"arxiv": "2603.00001"})["data"]["paper"])
        == "https://arxiv.org/abs/2603.00001"
    )
    assert (
        address(event(links=Links(abs='https://a.example/x"><|b'))["data"]["paper"])
        == "https://a.example/x%22%3E%3C%7Cb"
    )
    for kind in CHATS:
        CHECKS[kind](rendering.ready(kind, event(links=Links(abs="javascript:alert(1)"), **bare)))


def test_without_a_public_address_there_are_no_links_and_long_ones_are_left_out() -> None:
    bare = event()
    del bare["data"]["links"]
    for kind in CHATS:
        made = rendering.ready(kind, bare)
        CHECKS[kind](made)
        assert "Not this" not in " ".join(texts(made))
    assert actions(
        {"more": "https://x.example/" + "t" * 500, "less": "javascript:x", "pause": "https://x.example/p"}
    ) == [{"label": "Pause", "url": "https://x.example/p"}]


@pytest.mark.parametrize("kind", CHATS)
@pytest.mark.parametrize(("source", "named"), (("semantic-scholar", "Semantic Scholar"), ("core-ac", "Core Ac")))
def test_a_tldr_is_shown_instead_of_the_abstract_and_names_its_source(kind: str, source: str, named: str) -> None:
    tldr = Tldr(text="Robots fold cranes well.", source=source)
    shown = " ".join(texts(rendering.ready(kind, event(tldr=tldr))))
    assert f"TLDR by {named}: Robots fold cranes well." in shown
    assert "naïvely" not in shown


@pytest.mark.parametrize("kind", CHATS)
def test_the_longest_tldr_fits_the_limits_of_every_service(kind: str) -> None:
    long = Tldr(text=(NASTY * 10)[:MAX_TLDR], source="semantic-scholar")
    made = rendering.ready(kind, event(tldr=long))
    CHECKS[kind](made)
    assert "TLDR by Semantic Scholar" in " ".join(texts(made))


@pytest.mark.parametrize("kind", CHATS)
def test_an_alert_shows_gist_and_counters_and_a_digest_shows_the_gist_of_each_paper(kind: str) -> None:
    one = event(gist="A robot arm folds cranes.", signals=Signals(upvotes=3, citations=1))
    said = " ".join(texts(rendering.ready(kind, one)))
    assert "A robot arm folds cranes." in said
    assert "3 upvotes, 1 citation" in said
    assert "naïvely" not in said
    many = " ".join(texts(rendering.ready(kind, digest(one))))
    assert ("A robot arm folds cranes." in many) == (kind != "ntfy")  # whose messages hold 4 KB
