"""The short form of `make chaos`: an instance, a few faults, and the check of its history."""

from pathlib import Path

import pytest

from tests.chaos.plan import Plan, Step
from tests.chaos.run import run_plan

STEPS = (
    Step("receivers", "resetting", 1.0, 0.2),
    Step("poison", "shape papers.indexed.v1", 0.0, 0.2),
    Step("kill", "redis", 0.5, 0.2),
    Step("digest", "", 0.6, 0.2),
)
"""Short faults; the last kills the instance at the hour of its digest."""


@pytest.mark.timeout(400)
async def test_a_short_run_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """INVARIANT: after faults every accepted paper is searchable once, and every alert arrives under one id."""
    result = await run_plan(Plan(1, "one", STEPS), tmp_path, models, print)
    assert result.broken == [], capsys.readouterr().out
    assert result.alerts > 0
