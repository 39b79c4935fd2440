"""The plan of a run: which faults happen, in which order and for how long. A pure function of the seed."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Size = Literal["one", "processes"]
SERVICES: Final = ("enricher", "indexer", "notifier", "search", "fetcher", "gateway")
SERVERS: Final = ("redis", "qdrant")
MOODS: Final = ("slow", "hung", "failing", "lying", "resetting")
"""What a receiver may do instead of answering well."""
POISONS: Final = ("garbage", "shape", "huge", "fields")
STREAMS: Final = ("papers.fetched.v1", "papers.enriched.v1", "papers.indexed.v1", "papers.requested.v1")
DISK: Final = frozenset({"power", "full"})
CLOCK: Final = frozenset({"clock", "digest"})
"""Faults that need a disk of their own, and those that need a clock that can be moved."""
JUMPS: Final = ("+600", "-600", "+5400")
"""Seconds by which a clock moves: ten minutes, and across the change of the clocks in the night."""
PACE_S: Final = 6.0
"""Seconds of a run for each fault."""
WEIGHTS: Final = {
    "kill": 4, "term": 2, "stop": 3, "gone": 3, "power": 4, "full": 2, "receivers": 4, "clock": 2, "digest": 4,
    "poison": 3, "twice": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One fault: what it hits (`target`), how long it lasts, and how long to wait before it (seconds)."""

    fault: str
    target: str = ""
    seconds: float = 0.0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults of one run of an instance of a size."""

    seed: int
    size: Size
    steps: tuple[Step, ...]


def make_plan(seed: int, size: Size, seconds: float, without: Iterable[str] = ()) -> Plan:
    """Return the plan of a seed: a fault for every six seconds; the faults in `without` are not possible here.

    A fault lasts up to six seconds, or up to a tenth of a long plan.
    """
    chance = random.Random(f"{seed} {size}")
    possible = [name for name in WEIGHTS if name not in set(without)]
    count = max(3, round(seconds / PACE_S))
    names = _chosen(chance, possible, count)
    return Plan(seed, size, tuple(_step(chance, name, size, max(PACE_S, seconds / 10)) for name in names))


def _chosen(chance: random.Random, possible: Sequence[str], count: int) -> list[str]:
    """Choose faults by weight; none occurs a third time before half of the others have occurred."""
    chosen: list[str] = []
    while len(chosen) < count:
        name = chance.choices(possible, [WEIGHTS[one] for one in possible])[0]
        if chosen.count(name) < 2 or len(set(chosen)) * 2 >= len(possible):
            chosen.append(name)
    return chosen


def _step(chance: random.Random, fault: str, size: Size, longest: float) -> Step:
    processes = ("up", "all", *(SERVICES if size == "processes" else ()))
    targets: dict[str, Sequence[str]] = {
        "kill": (*processes, *SERVERS),
        "stop": (*processes, *SERVERS),
        "term": processes,
        "gone": SERVERS,
        "receivers": MOODS,
        "clock": JUMPS,
        "poison": [f"{kind} {stream}" for kind in POISONS for stream in STREAMS],
    }
    after, seconds = round(chance.uniform(0.2, 3.0), 2), round(chance.uniform(1.0, longest), 2)
    return Step(fault, chance.choice(targets.get(fault, [""])), seconds, after)
