"""Taking over subscriptions: from an export, from the papers of a bibliography, from the feeds of a list."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from services.cli.exchange import Feed, Reference, Refused, kind_of, read_bibtex, read_export, read_opml
from services.cli.querying import RefusedError, ask
from shared.errors import ConfigurationError
from shared.papers.names import fold

Json = dict[str, Any]
LIKED: Final = 100
"""Papers that one subscription may like; more of them become more subscriptions."""
_OURS: Final = ("id", "state", "created_at", "updated_at", "tuning", "threshold", "secret")
"""What a subscription is given, not what is asked of it."""
_BUSY: Final = 429


@dataclass
class Report:
    """What became of a file: `made` as the API shows them, with their secrets; `present` were there already."""

    made: list[Json] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Api:
    """The API of an instance, for one key."""

    url: str
    key: str

    async def call(self, path: str, method: str = "GET", *, body: Json | None = None, **parameters: str) -> Any:  # noqa: ANN401  # JSON
        """Ask; a server that is asked too much is asked again when it says so."""
        while True:
            try:
                return await ask(self.url + path, method, parameters=parameters, body=body, key=self.key)
            except RefusedError as refusal:
                if refusal.status != _BUSY:
                    raise
                await asyncio.sleep(refusal.retry_after)

    async def subscriptions(self) -> list[Json]:
        """List all subscriptions of the key."""
        rows: list[Json] = []
        cursor: str | None = "0"
        while cursor is not None:
            page = await self.call("/v1/subscriptions", limit="200", cursor=cursor)
            rows, cursor = rows + page["subscriptions"], page["next_cursor"]
        return rows


async def take_over(api: Api, raw: bytes, wish: Json, sources: dict[str, str]) -> Report:
    """Make subscriptions of a file. `wish` is laid over each; `sources` gives the name of a source by its address.

    Raises:
        ConfigurationError: the file cannot be read at all, or a channel is missing.

    """
    kind = kind_of(raw)
    report = Report()
    if kind != "json" and "channel" not in wish:
        raise ConfigurationError("Say where the alerts go: --webhook, --email or --channel.")
    if kind == "json":
        await _restore(api, [row | wish for row in read_export(raw)], report)
    elif kind == "opml":
        await _follow(api, read_opml(raw), wish, sources, report)
    else:
        references, report.refused = read_bibtex(raw)
        await _like(api, references, wish, report)
    return report


async def _restore(api: Api, rows: Sequence[Json], report: Report) -> None:
    """Make each subscription that is not there already; one that was paused is paused again."""
    there = {_essence(row): row["id"] for row in await api.subscriptions()}
    for place, row in enumerate(rows, 1):
        if (essence := _essence(row)) in there:
            report.present.append(there[essence])
            continue
        made = await _make(api, {k: v for k, v in row.items() if k not in _OURS}, f"subscription {place}", report)
        state = row.get("state")
        if made and isinstance(state, dict) and state.get("status") != "active":
            await api.call(f"/v1/subscriptions/{made['id']}/pause", "POST")


def _essence(row: Json) -> str:
    """Write what a subscription asks for, without what it was given; empty fields are as good as none."""
    asked = {name: value for name, value in row.items() if name not in _OURS and value not in (None, [], {})}
    return repr(sorted(asked.items()))


async def _follow(api: Api, feeds: Sequence[Feed], wish: Json, sources: dict[str, str], report: Report) -> None:
    """Follow those feeds that are sources here, in one subscription."""
    names = []
    for feed in feeds:
        if name := sources.get(feed.url):
            names.append(name)
        else:
            words = f"is no source here: `paperwire sources add NAME {feed.url}`, then import again"
            report.refused.append(Refused(feed.title, words))
    if names:
        await _make(api, {"name": "Feeds", "sources": list(dict.fromkeys(names))} | wish, "the feeds", report)


async def _like(api: Api, references: Sequence[Reference], wish: Json, report: Report) -> None:
    """Like the papers of a bibliography that are here."""
    liked: dict[str, None] = {}
    for reference in references:
        if paper := await _find(api, reference):
            liked[paper] = None
        else:
            report.refused.append(Refused(reference.where, f"no such paper here: {reference.title or 'untitled'}"))
    ids = list(liked)
    for start in range(0, len(ids), LIKED):
        number = f" {start // LIKED + 1}" if len(ids) > LIKED else ""
        body = {"name": f"Like my library{number}", "like": ids[start : start + LIKED]} | wish
        await _make(api, body, f"papers from {start + 1}", report)


async def _find(api: Api, reference: Reference) -> str | None:
    """Find a paper by its ids, else by its title, word for word."""
    for name in reference.ids:
        try:
            return str((await api.call(f"/v1/papers/{quote(name, safe='')}"))["id"])
        except RefusedError as refusal:
            if refusal.status != 404:  # noqa: PLR2004
                raise
    if len(fold(reference.title)) < 16:  # noqa: PLR2004  # "Introduction" is the title of many
        return None
    found = await api.call("/v1/search", q=reference.title.replace('"', " ")[:1_000], mode="lexical", limit="10")
    same = (row["paper"] for row in found["results"] if fold(row["paper"]["title"]) == fold(reference.title))
    return next((str(paper["id"]) for paper in same), None)


async def _make(api: Api, body: Json, where: str, report: Report) -> Json | None:
    try:
        made: Json = await api.call("/v1/subscriptions", "POST", body=body)
    except RefusedError as refusal:
        report.refused.append(Refused(where, str(refusal)))
        return None
    report.made.append(made)
    return made
