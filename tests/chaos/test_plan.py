"""Plans: the same seed gives the same faults, of every kind, and only those that are possible."""

from itertools import chain

from tests.chaos.faults import FAULTS
from tests.chaos.plan import CLOCK, DISK, WEIGHTS, Plan, make_plan


def plans(count: int) -> list[Plan]:
    return list(
        chain.from_iterable((make_plan(seed, "one", 60), make_plan(seed, "processes", 60)) for seed in range(count))
    )


def test_a_plan_is_a_function_of_its_seed() -> None:
    assert plans(20) == plans(20)
    assert len({plan.steps for plan in plans(20)}) == 40


def test_every_fault_occurs_and_has_its_function() -> None:
    assert {step.fault for plan in plans(30) for step in plan.steps} == set(WEIGHTS) == set(FAULTS)


def test_a_fault_that_is_not_possible_is_not_planned() -> None:
    for seed in range(30):
        assert not {step.fault for step in make_plan(seed, "one", 120, DISK | CLOCK).steps} & (DISK | CLOCK)


def test_the_length_is_that_of_the_plan_and_every_step_is_bounded() -> None:
    for plan in plans(30):
        assert len(plan.steps) == 10
        assert all(0 < step.after <= 3 and step.seconds <= 6 for step in plan.steps)


def test_a_service_is_hit_only_where_it_is_a_process() -> None:
    hit = {step.target for seed in range(60) for step in make_plan(seed, "one", 60).steps if step.fault == "kill"}
    assert hit == {"up", "all", "redis", "qdrant"}
