"""The works of one transaction: works and aliases as they were read, and what is to be written of them."""

from collections.abc import Iterable, Mapping

from services.enricher.works.signals import SignalUpdate
from services.enricher.works.work import Work

MAX_HOPS = 8
"""The most aliases that are followed: the id of a work that was joined to another is an alias of that one."""


class KnownWorks:
    """Works and aliases that were read; `written`, `claimed` and `removed` are what has to be written."""

    def __init__(self, works: Mapping[str, Work], aliases: Mapping[str, str]) -> None:
        """`works` are by id; `aliases` point to ids of works, present or past. A work's own id is no alias of it."""
        self._works = dict(works)
        self._aliases = dict(aliases)
        self.written: dict[str, Work] = {}
        self.claimed: dict[str, str] = {}
        self.removed: set[str] = set()
        self.signal_updates: list[SignalUpdate] = []

    def find(self, alias: str) -> Work | None:
        """Return the work that an id or another alias names."""
        work_id: str | None = alias
        for _ in range(MAX_HOPS):
            if work_id is None or work_id in self._works:
                break
            work_id = self._aliases.get(work_id)
        return self._works.get(work_id) if work_id else None

    def put(self, work: Work, lost: Iterable[str] = ()) -> None:
        """Keep a work; `lost` are the ids under which it, or what it joins, was kept until now."""
        own = work.paper.id
        for work_id in lost:
            self._works.pop(work_id, None)
            self.written.pop(work_id, None)
            self.removed.add(work_id)
        self._works[own] = self.written[own] = work
        for alias in work.aliases:
            if alias != own:
                self.claim(alias, own)

    def claim(self, alias: str, work_id: str) -> None:
        """Let an alias name a work."""
        if self._aliases.get(alias) != work_id:
            self._aliases[alias] = self.claimed[alias] = work_id
