"""Imports subscriptions: from an export, from the papers of a bibliography, from the feeds and searches of a list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from services.cli.instance.api import Api, ApiError, JsonObject
from services.cli.transfer.bibliography import Reference, read_bibtex
from services.cli.transfer.formats import Refused, kind_of, read_export
from services.cli.transfer.opml import Feed, read_opml, same_address
from services.cli.transfer.own_feeds import Fields, NoSubscriptionError, subscription_of
from shared.errors import ConfigurationError
from shared.papers.paths import paper_path
from shared.papers.titles import fold

MAX_LIKED: Final = 100
"""Papers that one subscription may like; more of them become several subscriptions."""
MIN_TITLE: Final = 16
"""Characters of a title that is looked up: "Introduction" is the title of many papers."""
MAX_NAME: Final = 200
"""Characters of the name of a subscription."""
_OWN_FIELDS: Final = (
    "id",
    "state",
    "created_at",
    "updated_at",
    "tuning",
    "following",
    "citations",
    "threshold",
    "secret",
)
"""Fields that an instance assigns, which a new subscription does not take over."""
_NOT_FOUND: Final = 404


@dataclass
class Report:
    """The result of an import: what was `created`, with secrets; what was `present` already; what was `refused`."""

    created: list[JsonObject] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Here:
    """What an instance knows of feeds: the name of its source at an address, and the addresses that are its own."""

    sources: dict[str, str]
    """Their names by their addresses as `same_address` returns them."""
    sites: tuple[str, ...]

    def source(self, feed: Feed) -> str | None:
        """Return the name of the source that has the address of a feed."""
        return self.sources.get(same_address(feed.url) or "")

    def search(self, feed: Feed) -> Fields | None:
        """Return the subscription for a feed of Paperwire, or None; raises as `subscription_of`."""
        ours = feed.ours or any(feed.url.startswith(f"{site}/") for site in self.sites)
        return subscription_of(feed.url) if ours else None


async def import_subscriptions(api: Api, raw: bytes, fields: JsonObject, here: Here) -> Report:
    """Create subscriptions from a file; `fields` override those of each.

    Raises:
        ConfigurationError: the file cannot be read at all, or a channel is missing.

    """
    kind = kind_of(raw)
    report = Report()
    if kind != "json" and "channel" not in fields:
        raise ConfigurationError("Say where the alerts go: --webhook, --email or --channel.")
    if kind == "json":
        await _restore(api, [row | fields for row in read_export(raw)], report)
    elif kind == "opml":
        feeds, report.refused = read_opml(raw)
        await _follow(api, feeds, fields, here, report)
    else:
        references, report.refused = read_bibtex(raw)
        await _like(api, references, fields, report)
    return report


async def _restore(api: Api, rows: Sequence[JsonObject], report: Report) -> None:
    """Create each subscription that does not exist yet; one that was paused is paused again."""
    existing = {_signature(row): row["id"] for row in await api.subscriptions()}
    for number, row in enumerate(rows, 1):
        if (signature := _signature(row)) in existing:
            report.present.append(existing[signature])
            continue
        body = {k: v for k, v in row.items() if k not in _OWN_FIELDS}
        created = await _create(api, body, f"subscription {number}", report)
        state = row.get("state")
        if created and isinstance(state, dict) and state.get("status") != "active":
            await api.call(f"/v1/subscriptions/{created['id']}/pause", "POST")


def _signature(row: JsonObject) -> str:
    """Return the conditions of a subscription, so that equal ones can be found; empty fields count as missing."""
    asked = {name: value for name, value in row.items() if name not in _OWN_FIELDS and value not in (None, [], {})}
    return repr(sorted(asked.items()))


async def _follow(api: Api, feeds: Sequence[Feed], fields: JsonObject, here: Here, report: Report) -> None:
    """Follow the feeds that are sources of this instance, in one subscription, and each search in one of its own."""
    names: list[str] = []
    searches: list[tuple[str, JsonObject]] = []
    for feed in feeds:
        try:
            if name := here.source(feed):
                names.append(name)
            elif search := here.search(feed):
                searches.append((feed.title, {"name": feed.title[:MAX_NAME]} | search | fields))
            else:
                reason = f"it is not a source: run `paperwire sources add NAME {feed.url}`, then import again"
                report.refused.append(Refused(feed.title, reason))
        except NoSubscriptionError as error:
            report.refused.append(Refused(feed.title, f"{error}: {feed.url}"))
    if names:
        await _create(api, {"name": "Feeds", "sources": list(dict.fromkeys(names))} | fields, "the feeds", report)
    await _add(api, searches, report)


async def _add(api: Api, searches: Sequence[tuple[str, JsonObject]], report: Report) -> None:
    """Create each subscription that has a place and fields, unless there is one with these fields."""
    existing = await api.subscriptions() if searches else []
    for where, body in searches:
        if row := next((row for row in existing if _includes(row, body)), None):
            report.present.append(row["id"])
        else:
            await _create(api, body, where, report)


def _includes(row: object, part: object) -> bool:
    """Return whether a JSON value has all that another one has."""
    if isinstance(row, dict) and isinstance(part, dict):
        return all(name in row and _includes(row[name], value) for name, value in part.items())
    return row == part


async def _like(api: Api, references: Sequence[Reference], fields: JsonObject, report: Report) -> None:
    """Like the papers of a bibliography that this instance has."""
    liked: dict[str, None] = {}
    for reference in references:
        if paper := await _find(api, reference):
            liked[paper] = None
        else:
            report.refused.append(Refused(reference.where, f"no such paper here: {reference.title or 'untitled'}"))
    ids = list(liked)
    for start in range(0, len(ids), MAX_LIKED):
        number = f" {start // MAX_LIKED + 1}" if len(ids) > MAX_LIKED else ""
        body = {"name": f"Like my library{number}", "like": ids[start : start + MAX_LIKED]} | fields
        await _create(api, body, f"papers from {start + 1}", report)


async def _find(api: Api, reference: Reference) -> str | None:
    """Find a paper by its ids, or else by its whole title."""
    for name in reference.ids:
        try:
            return str((await api.call("/v1" + paper_path(name)))["id"])
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise
    if len(fold(reference.title)) < MIN_TITLE:
        return None
    found = await api.call("/v1/search", q=reference.title.replace('"', " ")[:1_000], mode="lexical", limit="10")
    same = (row["paper"] for row in found["results"] if fold(row["paper"]["title"]) == fold(reference.title))
    return next((str(paper["id"]) for paper in same), None)


async def _create(api: Api, body: JsonObject, where: str, report: Report) -> JsonObject | None:
    try:
        created: JsonObject = await api.call("/v1/subscriptions", "POST", body=body)
    except ApiError as error:
        report.refused.append(Refused(where, str(error)))
        return None
    report.created.append(created)
    return created
