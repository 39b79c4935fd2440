"""The load of a run: files of papers are imported one after the other, and searches are sent, until it is stopped."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import orjson

from tests.chaos.world import World

PAPERS: Final = 90
"""Papers of a file: a sixth is revised by the file after the next, and a fifth is for the digest."""
AT_ONCE: Final = 2
"""Files that are imported at once; a file is not read before the one before the last was accepted."""
SUBSCRIPTIONS: Final = {
    "all": {"categories": ["chaos.ALL"], "changes": ["new", "revised"]},
    "half": {"categories": ["chaos.HALF"]},
    "digest": {"categories": ["chaos.DIGEST"]},
}
PAUSE_S: Final = 0.5
ACCEPT_S: Final = 240.0
SEARCH_STATUSES: Final = frozenset({0, 200, 429, 502, 503, 504})


@dataclass
class Load:
    """Imports files until it is stopped; a file is imported again until the command has said that all is searchable."""

    world: World
    files: int = 0
    accepted: set[int] = field(default_factory=set)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Import files and send searches until stopped."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._search())
            for _ in range(AT_ONCE):
                group.create_task(self._import())

    async def _import(self) -> None:
        while not self.stopped.is_set():
            await self._import_next()

    async def _import_next(self) -> None:
        number, self.files = self.files, self.files + 1
        while number >= AT_ONCE and number - AT_ONCE not in self.accepted:
            await asyncio.sleep(PAUSE_S)
        path = self.world.folder / f"papers-{number}.jsonl"
        rows = papers(number)
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        async with asyncio.timeout(ACCEPT_S):
            commands = 1
            if self.world.twice:
                self.world.twice, commands = self.world.twice - 1, 2
            told = [self._until_accepted(str(path), len(rows)) for _ in range(commands)]
            await asyncio.gather(*told)
        changes = [(row["id"], "paper.revised" if row["revised"] else "paper.new", row["categories"]) for row in rows]
        self.world.history.add("accepted", file=number, commands=commands, changes=changes)
        self.accepted.add(number)
        await self._look(rows[0]["id"], rows[-1]["id"])

    async def _until_accepted(self, path: str, count: int) -> None:
        while True:
            await self.world.until_ready()
            status, output, errors = await self.world.command("import", path, "--json")
            if "Traceback" in errors:
                self.world.history.add("traceback", command="import", errors=errors[-2_000:])
            if status == 0:
                told = orjson.loads(output)
                if (told["read"], told["searchable"], told["dead"]) == (count, count, 0):
                    return
                self.world.history.add("refused", told=told)
            last = (errors.strip() or "(nothing)").splitlines()[-1]
            self.world.history.add("repeated", status=status, last=last)
            await asyncio.sleep(PAUSE_S)

    async def _look(self, *ids: str) -> None:
        """Read papers that the command has just said to be searchable."""
        for id_ in ids:
            status = 0
            while status not in (200, 404):
                status, _ = await self.world.ask("GET", f"/v1/papers/{quote(id_, safe='')}")
                await asyncio.sleep(0.05)
            self.world.history.add("looked", paper=id_, status=status)

    async def _search(self) -> None:
        while not self.stopped.is_set():
            status, answer = await self.world.ask("GET", "/v1/search", params={"q": "paper lanterns"})
            if status not in SEARCH_STATUSES:
                self.world.history.add("bad answer", path="/v1/search", status=status, answer=str(answer)[:500])
            await asyncio.sleep(PAUSE_S)


def papers(file: int) -> list[dict[str, Any]]:
    """Return the papers of a file: new ones, and from the third file on revisions of an earlier file."""
    new = [_paper(file, number, "") for number in range(PAPERS)]
    before = file - AT_ONCE
    revised = [_paper(before, number, " The second edition differs.") for number in range(0, PAPERS, 6)]
    return new + revised if before >= 0 else new


def _paper(file: int, number: int, addition: str) -> dict[str, Any]:
    wanted = {"chaos.ALL": True, "chaos.HALF": number % 2 == 0, "chaos.DIGEST": number % 5 == 1}
    return {
        "id": f"chaos:{file}-{number}",
        "title": f"Experiment {number} of series {file} on the endurance of paper lanterns",
        "abstract": f"Lantern {file}-{number} survives {number % 7} storms.{addition}",
        "categories": [name for name, member in wanted.items() if member],
        "revised": bool(addition),
    }
