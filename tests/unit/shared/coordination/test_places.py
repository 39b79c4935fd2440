"""Places for heavy work: bounded, and clients take turns."""

import asyncio
from contextlib import suppress

import pytest

from shared.coordination.places import MAX_CLIENTS, CrowdedError, Places, Room


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Work:
    """Starts requests that hold their place until they are told to finish, and lists them as they begin."""

    def __init__(self, **room: int) -> None:
        bounds = {"places": 1, "per_client": 1, "waiting": 10, "waiting_per_client": 10}
        self.clock = Clock()
        self.places = Places(Room(**(bounds | room)), self.clock)
        self.begun: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, *names: str) -> None:
        """Start requests; the first letter of a name is its client."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._run(name))
            await settled()

    async def _run(self, name: str) -> None:
        async with self.places.place(name[0]):
            self.begun.append(name)
            await self._ends[name].wait()

    async def finish(self, name: str, seconds: float = 0.0) -> None:
        self.clock.now += seconds
        self._ends[name].set()
        await self._tasks[name]
        await settled()

    async def leave(self, name: str) -> None:
        self._tasks[name].cancel()
        with suppress(asyncio.CancelledError):
            await self._tasks[name]
        await settled()

    def refused(self, name: str) -> bool:
        task = self._tasks[name]
        return task.done() and isinstance(task.exception(), CrowdedError)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_places_of_one_client_leave_room_for_another() -> None:
    work = Work(places=3, per_client=2)
    await work.start("a1", "a2", "a3", "b1")
    assert work.begun == ["a1", "a2", "b1"]
    await work.finish("b1")
    assert work.begun == ["a1", "a2", "b1"], "a free place is not a third one of the same client"
    await work.finish("a1")
    assert work.begun == ["a1", "a2", "b1", "a3"]


async def test_the_client_with_the_least_work_is_next() -> None:
    work = Work()
    await work.start("a1", "a2", "a3", "b1")
    await work.finish("a1", seconds=1)
    assert work.begun[1:] == ["b1"], "the others of the first client wait, though they were earlier"
    await work.finish("b1", seconds=3)
    await work.start("b2")
    await work.finish("a2", seconds=1)
    assert work.begun[2:] == ["a2", "a3"], "two seconds are less than three"


async def test_what_was_done_while_nobody_waited_is_held_against_nobody() -> None:
    work = Work()
    await work.start("a1")
    await work.finish("a1", seconds=10)
    await work.start("b1", "b2", "b3", "a2")
    await work.finish("b1", seconds=1)
    assert work.begun[2:] == ["a2"], "the new client has used a second, the old one nothing since"


async def test_a_client_saves_nothing_by_asking_rarely() -> None:
    work = Work(places=2)
    await work.start("z1", "a1")
    for number in range(1, 6):
        await work.start(f"a{number + 1}")
        await work.finish(f"a{number}", seconds=1)
    await work.start("b1", "b2", "a7")
    await work.finish("a6", seconds=1)
    await work.finish("b1", seconds=2)
    assert work.begun[7:] == ["b1", "a7"]


async def test_a_request_that_leaves_while_it_waits_never_begins() -> None:
    work = Work()
    await work.start("a1", "b1", "c1")
    await work.leave("b1")
    await work.finish("a1")
    assert work.begun == ["a1", "c1"]
    await work.finish("c1")
    await work.start("d1")
    assert work.begun[2:] == ["d1"]


async def test_a_request_that_leaves_gives_its_place_back() -> None:
    work = Work()
    await work.start("a1", "b1")
    await work.leave("a1")
    assert work.begun == ["a1", "b1"]


@pytest.mark.parametrize("order", ["given first", "left first"])
async def test_a_place_given_to_a_request_that_leaves_in_the_same_moment_goes_on(order: str) -> None:
    work = Work()
    await work.start("a1", "b1", "c1")
    if order == "given first":
        work._ends["a1"].set()
        await asyncio.sleep(0)
        work._tasks["b1"].cancel()
    else:
        work._tasks["b1"].cancel()
        await work.finish("a1")
    await settled()
    assert work.begun == ["a1", "c1"]


async def test_too_many_of_one_client_are_refused() -> None:
    work = Work(waiting_per_client=1)
    await work.start("a1", "a2", "a3", "b1")
    assert [name for name in ("a2", "a3", "b1") if work.refused(name)] == ["a3"]


async def test_when_too_many_wait_the_last_of_the_greediest_client_is_refused() -> None:
    work = Work(waiting=2)
    await work.start("a1", "a2", "a3")
    await work.finish("a1", seconds=1)
    await work.start("a4", "b1")
    assert work.refused("a4")
    await work.start("c1", "d1")
    assert work.refused("a3")
    assert work.refused("d1"), "no other used more"
    await work.finish("a2")
    assert work.begun[2:] == ["b1"]


async def test_work_that_can_wait_waits_for_the_places() -> None:
    work = Work(places=2)
    await work.places.quiet(60)
    await work.start("a1", "b1", "c1")
    waiting = asyncio.create_task(work.places.quiet(60))
    await work.finish("a1")
    await work.finish("b1")
    assert not waiting.done()
    await work.finish("c1")
    assert waiting.done()
    await work.start("d1")
    await work.places.quiet(0.0)


async def test_memory_is_bounded() -> None:
    places = Work().places
    for number in range(MAX_CLIENTS + 10):
        async with places.place(str(number)):
            pass
    assert len(places._done) == MAX_CLIENTS
    assert (len(places._taken), len(places._waiting)) == (0, 0)
