"""What is known in one step: works and aliases as they were read, and what the step makes of them."""

from collections.abc import Iterable, Mapping

from services.enricher.works.signals import Noted
from services.enricher.works.work import Work

MAX_HOPS = 8
"""An alias may name a work that was joined to another since; whose own name then is an alias of that one."""


class Known:
    """The works and aliases that a step has read; `written`, `claimed` and `removed` are what it has to write."""

    def __init__(self, works: Mapping[str, Work], aliases: Mapping[str, str]) -> None:
        """`works` are by id; `aliases` name works by their ids, present or past. A work's own id is no alias of it."""
        self._works = dict(works)
        self._aliases = dict(aliases)
        self.written: dict[str, Work] = {}
        self.claimed: dict[str, str] = {}
        self.removed: set[str] = set()
        self.noted: list[Noted] = []

    def find(self, alias: str) -> Work | None:
        """Find the work that an id or another alias names."""
        name: str | None = alias
        for _ in range(MAX_HOPS):
            if name is None or name in self._works:
                break
            name = self._aliases.get(name)
        return self._works.get(name) if name else None

    def put(self, work: Work, lost: Iterable[str] = ()) -> None:
        """Keep a work; `lost` are the ids under which it, or what it joins, was kept until now."""
        own = work.paper.id
        for name in lost:
            self._works.pop(name, None)
            self.written.pop(name, None)
            self.removed.add(name)
        self._works[own] = self.written[own] = work
        for alias in work.aliases:
            if alias != own:
                self.claim(alias, own)

    def claim(self, alias: str, work_id: str) -> None:
        """Let an alias name a work."""
        if self._aliases.get(alias) != work_id:
            self._aliases[alias] = self.claimed[alias] = work_id
