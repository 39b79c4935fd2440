"""The order of the papers recommended to a reader, and the reasons in words. Pure."""

import math
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.search.for_you.taste import Liked, Taste
from services.search.ranking.fusion import Ranking, ordered
from services.search.similar.likeness import TERMS, by_words
from shared.moments import parse_moment
from shared.text.sentence_ends import shortened

NEAR: Final = 0.5
"""The weight of the closest liked paper; the mean of them has the rest."""
AWAY: Final = 0.15
"""The weight of the closest paper that was turned down: a larger one takes away what the reader wants."""
RECENT: Final = 0.05
"""What a paper of this moment is ahead of an old one."""
RECENT_DAYS: Final = 7.0
TRENDING: Final = 0.05
"""What a paper that trends is ahead of one that does not."""
STRONG: Final = 3.0
"""The strength of a trend, in robust standard deviations, from which it counts in full and is told."""
VARIETY: Final = 0.1
"""What a paper that is the same as one above it loses: maximal marginal relevance."""
MAX_QUOTED: Final = 80
"""Characters of a title within a reason."""
_UNLISTED: Final = 0.9
_CLOSE_SHARE: Final = 0.85
"""The share of a paper's closeness that one liked paper must have to be told as its reason."""
_NEW: Final = 0.5
"""The recency from which it is told: half of what a paper of this moment has, as one of five days."""
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rankings:
    """Papers by their cosines with the mean of the liked papers, with each of them, and with each turned down."""

    mean: Ranking
    near: Sequence[Ranking]
    away: Sequence[Ranking] = ()
    terms: Ranking = ()
    """By the words of the liked papers together; `own` is what these score themselves, on average."""
    own: float = 0.0


@dataclass(frozen=True, slots=True)
class Closeness:
    """How close a paper is to a taste in meaning and by words, and the liked paper that it is closest to."""

    score: float
    """In meaning."""
    liked: Liked
    cosine: float
    """That with the liked paper."""
    words: float = 0.0

    @property
    def whole(self) -> float:
        """The closeness in meaning and by words, by which papers are ordered."""
        return self.score + TERMS * self.words


def closeness(taste: Taste, found: Rankings) -> dict[str, Closeness]:
    """Return the closeness of every paper in the rankings, the closest first.

    A paper that is too far down to be listed in one of them counts as a little below the last one that is.
    """
    mean, below = dict(found.mean), _below(found.mean)
    near: dict[str, tuple[float, Liked]] = {}
    for liked, ranking in zip(taste.compared, found.near, strict=True):
        for point, cosine in ranking:
            if point not in near or cosine > near[point][0]:
                near[point] = (cosine, liked)
    least = min((_below(ranking) for ranking in found.near), default=0.0)
    away: dict[str, float] = {}
    for ranking in found.away:
        for point, cosine in ranking:
            away[point] = max(away.get(point, 0.0), cosine)
    words = by_words(dict(found.terms), found.own)
    own = {one.point for one in taste.liked} | set(taste.away)
    close: dict[str, Closeness] = {}
    for point in (mean.keys() | near.keys() | words.keys()) - own:
        cosine, liked = near.get(point, (least, taste.liked[0]))
        together = (1 - NEAR) * mean.get(point, below) + NEAR * cosine - AWAY * away.get(point, 0.0)
        close[point] = Closeness(together, liked, cosine, words.get(point, 0.0))
    return {point: close[point] for point, _ in ordered({point: one.whole for point, one in close.items()})}


def arranged(close: Mapping[str, Closeness], payloads: Mapping[str, Payload], now: datetime) -> Ranking:
    """Order papers by closeness, recency and trend, so that neighbours differ.

    Carbonell and Goldstein, The Use of MMR, Diversity-Based Reranking, 1998, with the signs of vectors in the place of
    vectors: their Hamming distance h out of n is an angle of about pi h / n.
    """
    left = {
        point: close[point].whole + RECENT * _recency(payload, now) + TRENDING * min(_strength(payload) / STRONG, 1.0)
        for point, payload in payloads.items()
    }
    signs = {point: _signs(payload) for point, payload in payloads.items()}
    chosen: list[tuple[str, float]] = []
    repeated = dict.fromkeys(left, 0.0)
    while left:
        score, point = max((score - VARIETY * repeated[point], point) for point, score in left.items())
        del left[point]
        chosen.append((point, round(score, 6)))
        for other in left:
            repeated[other] = max(repeated[other], _alike(signs[point], signs[other]))
    return chosen


def reasons(taste: Taste, close: Closeness, payload: Payload) -> list[str]:
    """Return why a paper is recommended: what it is about, the liked paper it is close to, and whether it trends."""
    told: list[str] = []
    if word := taste.shared(payload["paper"].get("keywords") or ()):
        told.append(f"about “{word}”")
    if close.cosine >= _CLOSE_SHARE * close.score:
        which = "" if close.liked.verb == "named" else f", which you {close.liked.verb}"
        told.append(f"similar to “{shortened(close.liked.title, MAX_QUOTED)}”{which} ({close.cosine:.0%})")
    if _strength(payload) >= STRONG:
        told.append("trending")
    return told or [f"similar to what you liked ({close.score:.0%})"]


def freshness(payload: Payload, now: datetime) -> list[str]:
    """Return the reason that a paper is new, where that moves it up noticeably."""
    return ["new"] if _recency(payload, now) >= _NEW else []


def _below(ranking: Ranking) -> float:
    return _UNLISTED * ranking[-1][1] if ranking else 0.0


def _recency(payload: Payload, now: datetime) -> float:
    age = (now - parse_moment(payload["published_at"])).total_seconds() / 86_400
    return math.exp(-max(age, 0.0) / RECENT_DAYS)


def _strength(payload: Payload) -> float:
    trend = payload.get("trend")
    return float(trend["strength"]) if trend else 0.0


def _signs(payload: Payload) -> tuple[int, int]:
    raw = b64decode(payload["sketch"]) if payload.get("sketch") else b""
    return int.from_bytes(raw, "big"), 8 * len(raw)


def _alike(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Return the cosine of two papers by their signs, at least 0; 0 where one has none."""
    if not one[1] or one[1] != other[1]:
        return 0.0
    return max(0.0, math.cos(math.pi * (one[0] ^ other[0]).bit_count() / one[1]))
