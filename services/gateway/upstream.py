"""The addresses of one service, used in turn."""

import time
from collections.abc import Callable, Sequence
from typing import Final

REST: Final = 2.0
"""Seconds that an address which refused a connection comes last."""


class Upstream:
    """A service and its addresses. It does no I/O: the proxy reports refused connections."""

    def __init__(self, name: str, addresses: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        """`addresses` are base URLs without a slash at the end; at least one."""
        self.name = name
        self.addresses = tuple(addresses)
        self._clock = clock
        self._turn = 0
        self._resting: dict[str, float] = {}

    def candidates(self) -> list[str]:
        """Return all addresses in the order to try them: the next in turn first, those that refused recently last."""
        start = self._turn % len(self.addresses)
        self._turn += 1
        ordered = [*self.addresses[start:], *self.addresses[:start]]
        now = self._clock()
        return sorted(ordered, key=lambda address: self._resting.get(address, 0.0) > now)

    def rest(self, address: str) -> None:
        """Move an address that refused a connection to the end for `REST` seconds."""
        self._resting[address] = self._clock() + REST
