"""How long a request waits for a Redis that hangs: no longer than until that is known.

A command that gets no answer waits for many seconds. What only reads is broken off; what changes something is refused
before it begins, since nobody could tell afterwards how far it came.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Final, TypeVar

from aiohttp import web

from shared.dependencies import RETRY_S, Dependencies
from shared.errors import TransientError

READING: Final = frozenset({"GET", "HEAD"})
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Patience:
    """The patience of a process with one of its dependencies, by name."""

    dependencies: Dependencies
    name: str

    @asynccontextmanager
    async def with_request(self, request: web.Request) -> AsyncIterator[None]:
        """Answer a request in the block.

        Raises:
            TransientError: the dependency is late.

        """
        if request.method in READING:
            async with self.dependencies.required(self.name):
                yield
            return
        if reason := self.dependencies.trouble(self.name):
            raise TransientError(reason, retry_after=RETRY_S)
        yield


PATIENCE: Final = web.AppKey("patience", Patience)
"""Where the application of a process has its patience; without one, requests wait as long as it takes."""


def patient(handler: Callable[[web.Request], Awaitable[R]]) -> Callable[[web.Request], Awaitable[R]]:
    """Let the requests of a handler wait as the patience of their application says; raises as it does."""

    @wraps(handler)
    async def asked(request: web.Request) -> R:
        patience = request.config_dict.get(PATIENCE)
        if patience is None:
            return await handler(request)
        async with patience.with_request(request):
            return await handler(request)

    return asked
