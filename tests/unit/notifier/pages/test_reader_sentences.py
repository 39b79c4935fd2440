"""Subscriptions and previews as sentences."""

import pytest

from services.notifier.insight.preview import Preview, Seen, Sent
from services.notifier.pages.form_page import preview_line
from services.notifier.pages.sentences import channel_phrase, subscription_lines
from shared.papers.paper import ChangeKind
from tests.unit.notifier.examples import subscription

RATE = "That is about 280 a week."
FEW = "The index has too few papers of the last weeks to tell how many a week will come."
SENT = Sent(
    at="2026-03-01", change=ChangeKind.NEW, score=0.5, paper=Seen(id="x:1", title="A", published=None, categories=())
)


@pytest.mark.parametrize(
    ("count", "shown", "enough", "said"),
    (
        (7, 7, True, "These 7 papers of the last 30 days would have been sent. That is about 280 a week."),
        (1, 1, True, "This paper of the last 30 days would have been sent. That is about 280 a week."),
        (1_200, 7, True, f"1,200 papers of the last 30 days would have been sent; these are the latest. {RATE}"),
        (0, 0, True, "No paper of the last 30 days would have been sent, of 5,000 in the index."),
        (1, 1, False, f"This paper of the last 30 days would have been sent. {FEW}"),
    ),
)  # fmt: skip
def test_a_preview_says_what_would_have_been_sent(count: int, shown: int, said: str, *, enough: bool) -> None:
    preview = Preview(
        days=30, papers=5_000, enough=enough, threshold=0.45, count=count, per_week=280, capped=False,
        alerts=(SENT,) * shown, thresholds=(),
    )  # fmt: skip
    assert preview_line(preview) == said


def test_every_condition_of_a_subscription_is_a_line() -> None:
    lines = subscription_lines(
        subscription(query="cranes", has_code=True, min_signals={"stars": 1_000}, must=["paper"])
    )
    assert {"About: cranes", "With known code only.", "At least: 1,000 stars", "Phrases: paper"} <= set(lines)


def test_who_cites_is_not_known_before_the_first_visit() -> None:
    lines = subscription_lines(subscription(cites={"type": "orcid", "id": "0000-0002-1825-0097"}))
    assert "It is not known yet who cites them." in lines


def test_an_endpoint_is_named_unless_it_is_a_secret() -> None:
    assert channel_phrase(subscription()) == "Webhook (https://example.org/hook)"
    assert channel_phrase(subscription(channel={"type": "slack", "url": "https://hooks.example/secret"})) == "Slack"
    assert channel_phrase(subscription(channel={"type": "feed"})) == "Private feed"
