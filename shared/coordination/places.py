"""Places for heavy work in this process: only so much is done at once, and clients take turns.

Quotas bound what a client asks for in a minute. Places bound what all clients have under way, so that the flood of one
does not delay another. A free place goes to the client with the least work done, as in start-time fair queueing (Goyal,
Vin and Cheng, 1996): work is counted in seconds, and a client that begins to ask starts level with the others.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from shared.errors import TransientError

MAX_CLIENTS: Final = 10_000
"""Clients whose work is counted; the one that finished longest ago is forgotten first."""
RETRY_S: Final = 1.0
_Turn = asyncio.Future[None]


class CrowdedError(TransientError):
    """Too many requests wait: this one is refused, and may be sent again."""

    def __init__(self) -> None:
        super().__init__("too many requests wait to be answered", retry_after=RETRY_S)


@dataclass(frozen=True, slots=True)
class Room:
    """The number of places, and of requests that may wait for one."""

    places: int
    per_client: int
    """Places of one client."""
    waiting: int
    waiting_per_client: int


class Places:
    """Gives places to clients. `clock` gives seconds."""

    def __init__(self, room: Room, clock: Callable[[], float]) -> None:
        self._room = room
        self._clock = clock
        self._free = room.places
        self._taken: Counter[str] = Counter()
        self._waiting: dict[str, deque[_Turn]] = {}
        self._done: OrderedDict[str, float] = OrderedDict()
        self._level = 0.0
        self._most = 0.0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it for the time of a block. A cancelled wait takes none.

        Raises:
            CrowdedError: too many wait already, of this client or of those with less work done.

        """
        await self._enter(client)
        started = self._clock()
        try:
            yield
        finally:
            self._leave(client, self._clock() - started)

    async def quiet(self, most: float) -> None:
        """Wait until no place is taken, but at most so many seconds: work that can wait goes behind that of places."""
        with suppress(TimeoutError):
            async with asyncio.timeout(most):
                await self._quiet.wait()

    async def _enter(self, client: str) -> None:
        if self._may_take(client):
            self._take(client)
            return
        turn = self._join(client)
        try:
            await turn
        except asyncio.CancelledError:
            self._withdraw(client, turn)
            if not turn.cancelled() and not turn.exception():  # the place was given in the same moment
                self._leave(client, 0.0)
            raise

    def _join(self, client: str) -> _Turn:
        """Add a request to those that wait; if they are too many, refuse the last of the client with the most work."""
        own = self._waiting.get(client, ())
        if len(own) >= self._room.waiting_per_client:
            raise CrowdedError
        if sum(map(len, self._waiting.values())) >= self._room.waiting:
            greediest = max(self._waiting, key=self._work, default=client)
            if self._work(greediest) <= self._work(client):
                raise CrowdedError
            last = self._waiting[greediest][-1]
            self._withdraw(greediest, last)
            if not last.done():
                last.set_exception(CrowdedError())
        turn: _Turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        return turn

    def _withdraw(self, client: str, turn: _Turn) -> None:
        own = self._waiting.get(client, deque())
        if turn in own:
            own.remove(turn)
            if not own:
                del self._waiting[client]

    def _may_take(self, client: str) -> bool:
        return self._free > 0 and self._taken[client] < self._room.per_client

    def _take(self, client: str) -> None:
        self._free -= 1
        self._quiet.clear()
        self._taken[client] += 1
        self._level = max(self._level, self._work(client))
        self._count(client, self._level)

    def _leave(self, client: str, seconds: float) -> None:
        """Count the work of a request, give its place back, and pass it on."""
        self._count(client, self._work(client) + seconds)
        self._free += 1
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
        while (following := min(filter(self._may_take, self._waiting), key=self._work, default=None)) is not None:
            turn = self._waiting[following][0]
            self._withdraw(following, turn)
            if not turn.done():  # done is one whose client has left
                self._take(following)
                turn.set_result(None)
        if self._free == self._room.places:  # what was done while nobody had to wait is held against nobody
            self._level = self._most
            self._quiet.set()

    def _count(self, client: str, work: float) -> None:
        self._done[client] = work
        self._done.move_to_end(client)
        self._most = max(self._most, work)
        if len(self._done) > MAX_CLIENTS:
            self._done.popitem(last=False)

    def _work(self, client: str) -> float:
        return self._done.get(client, 0.0)
