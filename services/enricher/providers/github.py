"""GitHub: the stars of a work's repositories, whether they are archived, and where they have moved."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from services.enricher.providers.facts import Facts, Repository
from services.enricher.providers.port import Answers, Connection, ask_each
from services.enricher.providers.values import count, record, text
from services.enricher.works.work import Work
from shared.errors import TransientError
from shared.papers.paper import Signals

ID: Final = "github"
MAX_REPOSITORIES: Final = 3
"""Repositories of a work that are asked about."""
_OWN: Final = r"\w[\w-]{0,99}/(?=\.*[\w-])[\w.-]{1,100}"
_ADDRESS: Final = re.compile(rf"https://github\.com/({_OWN})", re.IGNORECASE | re.ASCII)
_FULL: Final = re.compile(_OWN, re.ASCII)


def wants(work: Work) -> bool:
    """Return whether it can know a work."""
    return bool(_repositories(work))


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/repos/{owner}/{name}` for the repositories of each work."""
    return await ask_each(works, partial(_ask_one, connection))


async def _ask_one(connection: Connection, work: Work) -> Facts:
    found: list[Repository] = []
    for url, name in _repositories(work)[:MAX_REPOSITORIES]:
        here = await connection.get_if_changed(f"/repos/{name}", Repository, partial(parse, asked=url))
        if here:
            found.append(here.model_copy(update={"asked": url}))
    stars = max((each.stars for each in found if each.stars is not None), default=None)
    return Facts(provider=ID, repositories=tuple(found), signals=Signals(stars=stars))


def _repositories(work: Work) -> list[tuple[str, str]]:
    return [(link.url, name) for link in work.paper.links.code if (name := repository(link.url))]


def repository(url: str) -> str | None:
    """Read the owner and name out of the address of a repository."""
    found = _ADDRESS.fullmatch(url)
    return found[1] if found else None


def parse(answer: Any, asked: str) -> Repository:  # noqa: ANN401  # a stranger's JSON
    """Read what is at the address that was asked for, or where it moved. Raises TransientError when it is nothing."""
    row = record(answer)
    name = text(row.get("full_name"), 300)
    if name is None or not _FULL.fullmatch(name):
        raise TransientError(f"{ID} answers in a shape that is not its own")
    url = f"https://github.com/{name}"
    archived = row.get("archived")
    return Repository(
        asked=asked,
        url=asked if url.casefold() == asked.casefold() else url,
        stars=count(row.get("stargazers_count")),
        archived=archived if isinstance(archived, bool) else None,
    )
