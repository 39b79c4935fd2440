"""`make chaos`: run plans of faults against whole instances, and check that nothing was lost and nothing done twice.

make chaos ARGS="--seed 7 --runs 30 --seconds 120"
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos.clock import compiler
from tests.chaos.plan import CLOCK, DISK, Plan, Size, make_plan
from tests.chaos.run import Result, make_models, run_plan
from tests.power_cut import disk

SIZES: tuple[Size, ...] = ("one", "processes")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run what the command line asks for; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="make chaos", description="Both sizes take turns, from one seed to the next.")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first run")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60, help="the length of the plan of a run")
    parser.add_argument("--size", choices=SIZES, help="run this size only")
    given = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="paperwire-chaos-"))
    (root / "models").mkdir()
    missing = impossible(root)
    plans = [plan_of(given.seed, number, given.size, given.seconds, missing) for number in range(given.runs)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what was started is ended
    results = asyncio.run(run_all(plans, root, given.seconds))
    broken = sum(bool(result.broken) for result in results)
    say(
        f"{len(results)} runs, {broken} failed: {sum(r.papers for r in results):,} papers, "
        f"{sum(r.alerts for r in results):,} webhooks in {sum(r.attempts for r in results):,} attempts, "
        f"{sum(len(r.plan.steps) for r in results)} faults"
    )
    if not broken:
        shutil.rmtree(root)
    return 1 if broken else 0


def plan_of(seed: int, number: int, size: Size | None, seconds: float, missing: frozenset[str]) -> Plan:
    """Return the plan of one run: both sizes take turns with the same seed."""
    if size:
        return make_plan(seed + number, size, seconds, missing)
    return make_plan(seed + number // 2, SIZES[number % 2], seconds, missing)


def impossible(root: Path) -> frozenset[str]:
    """Return the faults that cannot be caused on this machine, and say why."""
    missing: set[str] = set()
    try:
        with disk(root / "try"):
            pass
    except pytest.skip.Exception as reason:
        say(f"{reason}; without: {', '.join(sorted(DISK))}")
        missing |= DISK
    if not compiler():
        say(f"NOT TESTED: moving the clock needs a C compiler; without: {', '.join(sorted(CLOCK))}, and digests")
        missing |= CLOCK
    return frozenset(missing)


async def run_all(plans: list[Plan], root: Path, seconds: float) -> list[Result]:
    """Run plans one after the other, and print the verdict on each."""
    models, results = await make_models(root / "models"), []
    for plan in plans:
        say(f"run: seed {plan.seed}, size {plan.size}")
        folder = root / f"{plan.size}-{plan.seed}"
        folder.mkdir()
        result = await run_plan(plan, folder, models, say)
        results.append(result)
        say(verdict(result, folder, seconds))
        if not result.broken:
            shutil.rmtree(folder)
    return results


def verdict(result: Result, folder: Path, seconds: float) -> str:
    """Return what came of a run, and how to repeat it if it failed."""
    done = f"{result.papers} papers, {result.alerts} webhooks, {result.attempts} attempts in {result.seconds} s"
    if not result.broken:
        return f"    0 lost, 0 twice: {done}"
    repeat = f'make chaos ARGS="--seed {result.plan.seed} --size {result.plan.size} --runs 1 --seconds {seconds:g}"'
    shown = [f"    BROKEN: {line}" for line in result.broken[:20]]
    return "\n".join([*shown, f"    {len(result.broken)} broken promises; {done}", f"    {folder}", f"    {repeat}"])


if __name__ == "__main__":
    sys.exit(main())
