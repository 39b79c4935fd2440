"""An outage is one line when it begins and one when it is over, however often it is met and by however many."""

from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from shared.bus.outage_log import QUIET_S, OutageLog
from shared.errors import TransientError
from shared.telemetry import configure_logging


class Told:
    """An outage log at a moment, and the lines that it wrote."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log = OutageLog(lambda: self.now)

    def lines(self, act: Callable[[OutageLog], None]) -> list[tuple[str, str]]:
        with capture_logs() as logs:
            act(self.log)
        return [(line["event"], line["part"]) for line in logs]


@pytest.fixture
def told() -> Iterator[Told]:
    configure_logging("info")
    yield Told()
    configure_logging("warning")


def test_a_part_that_fails_again_and_again_has_one_line_with_its_next_try() -> None:
    outages = OutageLog(lambda: 0.0)
    with capture_logs() as logs:
        for wait in (60.4, 120.0, 240.0):
            outages.began("source arxiv", f"no answer for {wait}", wait)
    line = {"event": "outage began", "part": "source arxiv", "reason": "no answer for 60.4", "retry_in_s": 60}
    assert logs == [{**line, "log_level": "warning"}]


def test_its_end_is_a_line_and_a_part_that_never_failed_has_none(told: Told) -> None:
    told.log.began("source arxiv", "no answer", 60.0)
    assert told.lines(lambda log: log.over("source arxiv")) == [("outage over", "source arxiv")]
    assert told.lines(lambda log: log.over("source arxiv")) == []
    assert told.lines(lambda log: log.over("provider github")) == []


def test_parts_that_meet_the_same_outage_have_one_line_together(told: Told) -> None:
    parts = ("source arxiv", "provider github", "provider crossref")

    def begin(log: OutageLog) -> None:
        for part in parts:
            log.began(part, f"{part} fails", 5.0, cause="offline")

    def end(log: OutageLog) -> None:
        for part in parts:
            log.over(part)

    begun = told.lines(begin)
    assert begun == [("outage began", "source arxiv")]
    assert told.lines(end) == [("outage over", "source arxiv")]


def test_parts_that_fail_for_reasons_of_their_own_have_a_line_each(told: Told) -> None:
    assert told.lines(lambda log: log.began("source a", "answers 503", 5.0)) == [("outage began", "source a")]
    assert told.lines(lambda log: log.began("source b", "answers 503", 5.0)) == [("outage began", "source b")]


def test_a_part_that_joins_a_long_outage_later_has_a_line(told: Told) -> None:
    told.log.began("source arxiv", "x", 5.0, cause="offline")
    told.now = QUIET_S + 1
    assert told.lines(lambda log: log.began("provider github", "x", 5.0, cause="offline")) != []


def test_an_error_that_is_no_outage_is_raised(told: Told) -> None:
    with pytest.raises(ValueError, match="defect"), told.log.logged("upkeep", 1.0, TransientError):
        raise ValueError("defect")


def test_a_loop_logs_its_outage_once_and_its_end(told: Told) -> None:
    def attempt(log: OutageLog, error: Exception | None) -> None:
        with log.logged("upkeep", 1.0, TransientError):
            if error:
                raise error

    lost = TransientError("Qdrant does not answer.")
    assert told.lines(lambda log: attempt(log, lost)) == [("outage began", "upkeep")]
    assert told.lines(lambda log: attempt(log, lost)) == []
    assert told.lines(lambda log: attempt(log, None)) == [("outage over", "upkeep")]
