"""Previews the alerts of a subscription, by the same conditions as alerts."""

import asyncio
from typing import Any

from pydantic import Field

from services.notifier.channels.registry import AnyChannel
from services.notifier.insight.recent import DAYS, MAX_CHANGES, PastChange, Recent
from services.notifier.insight.tuner import Finder
from services.notifier.insight.volume import THRESHOLD_STEPS, Window, count_at, per_week
from services.notifier.matching.condition_outcome import Outcome
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.judge import Judge
from services.notifier.matching.match import reasons
from services.notifier.matching.reasons import why
from services.notifier.subscription.digest_schedule import Schedule
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import MIN_TUNED_THRESHOLD
from shared.embedding.vectors import unpack_vector
from shared.errors import PermanentError
from shared.moments import iso
from shared.papers.paper import ChangeKind, Model, Moment


class PreviewRequest(Criteria):
    """A subscription that does not exist yet: its channel and schedule may be left out, and have no effect."""

    channel: AnyChannel | None = None
    schedule: Schedule = "instant"
    days: int = Field(default=DAYS, ge=1, le=90, strict=True, description="how far to look back")
    limit: int = Field(default=20, ge=0, le=100, strict=True, description="alerts to show, the newest first")


class Seen(Model):
    """A paper as a preview lists it."""

    id: str
    title: str
    published: Moment | None
    categories: tuple[str, ...]


class Sent(Model):
    """An alert that would have been sent."""

    at: Moment
    change: ChangeKind
    score: float
    reasons: tuple[str, ...] = Field(default=(), description="why the paper matches, in words")
    paper: Seen
    condition: Outcome | None = Field(
        default=None, description="what came of `only_if`, if it was checked for this paper; a preview checks nothing"
    )


class ThresholdStep(Model):
    """The number of alerts at a threshold."""

    threshold: float
    count: int
    per_week: float


class Preview(Model):
    """The result of a preview.

    Signals and trends are not kept day by day: their changes are not counted, and counters are those of today.
    """

    days: float = Field(description="days that the index covers of those asked for")
    papers: int = Field(description="papers published in these days")
    enough: bool = Field(description="false: the index has too few papers for an estimate")
    threshold: float = Field(
        description="the threshold of the subscription; for a wanted volume, the one computed from it"
    )
    count: int
    per_week: float
    capped: bool = Field(
        description=f"true: more than {MAX_CHANGES} met the conditions, and those with the highest scores are counted"
    )
    alerts: tuple[Sent, ...]
    thresholds: tuple[ThresholdStep, ...] = Field(description="steps for a slider; empty if all conditions are exact")


class Previews:
    """Makes previews."""

    def __init__(self, interests: InterestVectors, finder: Finder, recent: Recent, judge: Judge) -> None:
        self._interest_vectors = interests
        self._finder = finder
        self._recent = recent
        self._judge = judge

    @property
    def has_model(self) -> bool:
        """Whether conditions in plain words are checked: there is a language model."""
        return self._judge.works

    async def of(self, asked: PreviewRequest, client: str) -> Preview:
        """Return a preview for a client, such as an owner or an address; clients take turns.

        Raises:
            PermanentError: a paper of `like` is unknown, or the papers are to cite others.
            TransientError: Qdrant does not answer, or too many requests of clients wait.

        """
        if asked.cites:
            raise PermanentError("A preview cannot tell who will cite your papers: leave out cites.")
        interest = await self._interest_vectors.compute(asked)
        vector = unpack_vector(interest.vector)
        window = await self._recent.window(asked.days)
        tuning = await self._finder.find(asked, vector, client, interest.words)
        threshold = tuning.threshold if tuning else asked.threshold
        least = min(MIN_TUNED_THRESHOLD, threshold) if asked.has_vector else 0.0
        found = await self._recent.past_changes(asked, vector, window, least, client, interest.words)
        preview = await asyncio.to_thread(_preview, asked, window, threshold, found)
        if asked.only_if is None:
            return preview
        papers = {one.subject.paper.id: one.subject.paper for one in found}
        texts = [(papers[one.paper.id].title, papers[one.paper.id].abstract) for one in preview.alerts]
        known = await self._judge.known(texts, asked.only_if)
        alerts = [one.model_copy(update={"condition": said}) for one, said in zip(preview.alerts, known, strict=True)]
        return preview.model_copy(update={"alerts": tuple(alerts)})


def _preview(asked: PreviewRequest, window: Window, threshold: float, found: list[PastChange]) -> Preview:
    scores = [one.score for one in found]
    capped = len(found) == MAX_CHANGES
    steps = [at for at in THRESHOLD_STEPS if not capped or at > scores[-1]] if asked.has_vector else []
    sent = sorted((one for one in found if one.score >= threshold), key=lambda one: one.at, reverse=True)
    return Preview(
        days=round(window.days, 1),
        papers=window.papers,
        enough=window.enough,
        threshold=threshold,
        count=len(sent),
        per_week=per_week(len(sent), window.days),
        capped=capped,
        alerts=tuple(_sent(asked, one) for one in sent[: asked.limit]),
        thresholds=tuple(_step(scores, at, window.days) for at in steps),
    )


def _step(scores: list[float], threshold: float, days: float) -> ThresholdStep:
    count = count_at(scores, threshold)
    return ThresholdStep(threshold=threshold, count=count, per_week=per_week(count, days))


def _sent(asked: PreviewRequest, one: PastChange) -> Sent:
    paper = one.subject.paper
    seen: dict[str, Any] = {name: getattr(paper, name) for name in Seen.model_fields}
    at = iso(one.at, "auto")
    told = tuple(why(list(reasons(asked, one.subject, one.score, one.change))))
    return Sent(at=at, change=one.change.kind, score=one.score, reasons=told, paper=Seen(**seen))
