"""INVARIANT: every regular expression of the project takes linear time, on any text."""

import time
from collections.abc import Iterator

import pytest

from tests.architecture.regexes import Regex, hostile_texts, regexes

TINY = 18
"""Characters: for them only an exponential pattern takes long."""
SHORT = 2_000
"""Characters: a quadratic pattern takes a millisecond or more for them, a linear one some 40 microseconds."""
LONG = 4 * SHORT
SUSPECT_S = 0.001
MOST_GROWTH = 9
"""Four times the text takes a linear pattern four times as long, and a quadratic one sixteen times."""
FEW_S = 0.008
"""Seconds of the processor that the longer text may take, whatever the growth."""


def cost(regex: Regex, text: str, times: int) -> float:
    """Return the least seconds of the processor that a text takes."""
    return min(_once(regex, text) for _ in range(times))


def _once(regex: Regex, text: str) -> float:
    started = time.thread_time()
    regex.run(text)
    return time.thread_time() - started


def slow(regex: Regex) -> Iterator[str]:
    """Find the texts that take more than linear time; only those that take long at all are measured again."""
    texts = (hostile_texts(regex.pattern, length) for length in (TINY, SHORT, LONG))
    for tiny, short, long in zip(*texts, strict=True):
        if cost(regex, tiny, 1) > FEW_S and cost(regex, tiny, 2) > FEW_S:
            yield f"{tiny[:40]!r}: exponential"
            return
        if cost(regex, short, 1) > SUSPECT_S and (before := cost(regex, short, 3)) > SUSPECT_S / 2:
            after = cost(regex, long, 2)
            if after > FEW_S and after > MOST_GROWTH * before:
                yield f"{short[:40]!r}: {after / before:.0f} times as long for {LONG // SHORT} times the text"


def confirmed(regex: Regex, times: int = 3) -> str | None:
    """Return what is slow if each of several measurements finds it: a busy machine disturbs one, not all."""
    found = None
    for _ in range(times):
        if (found := next(slow(regex), None)) is None:
            return None
    return found


def test_every_pattern_takes_linear_time() -> None:
    found = {regex.place: confirmed(regex) for regex in regexes()}
    assert len(found) > 100, "the patterns of all packages are found"
    assert {place: text for place, text in found.items() if text} == {}


@pytest.mark.parametrize("source", (r"a+b", r"\s*,", r"(a|a)*b", r"x(?:\S*&)?id=([\w-]+)(?:[&#]\S*)?$", r"\(.*?\)+!"))
def test_a_quadratic_pattern_is_found(source: str) -> None:
    assert confirmed(Regex.of(source))


@pytest.mark.parametrize("source", (r"ab", r"(?<!\s)\s++,", r"<[^<>]{0,100}>", r"[^<>]+", r"\w{1,20}:"))
def test_a_linear_pattern_is_not(source: str) -> None:
    assert confirmed(Regex.of(source)) is None
