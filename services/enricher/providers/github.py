"""GitHub: the stars of a work's repositories, whether they are archived, and where they have moved."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from services.enricher.providers.facts import Facts, Repository
from services.enricher.providers.port import Answers, Connection, ask_each
from services.enricher.providers.values import count, name, record, unexpected
from services.enricher.works.work import Work
from shared.papers.paper import Signals

ID: Final = "github"
MAX_REPOSITORIES: Final = 3
"""Repositories of a work that are asked about."""
_OWNER_AND_NAME: Final = r"\w[\w-]{0,99}/(?=\.*[\w-])[\w.-]{1,100}"
_ADDRESS: Final = re.compile(rf"https://github\.com/({_OWNER_AND_NAME})", re.IGNORECASE | re.ASCII)
_FULL_NAME: Final = re.compile(_OWNER_AND_NAME, re.ASCII)


def wants(work: Work) -> bool:
    """Return whether GitHub can know a work."""
    return bool(_repositories(work))


async def ask(connection: Connection, works: Sequence[Work]) -> Answers:
    """Request `/repos/{owner}/{name}` for the repositories of each work."""
    return await ask_each(works, partial(_ask_one, connection))


async def _ask_one(connection: Connection, work: Work) -> Facts:
    found: list[Repository] = []
    for url, full_name in _repositories(work)[:MAX_REPOSITORIES]:
        here = await connection.get_if_changed(f"/repos/{full_name}", Repository, partial(parse, asked=url))
        if here:
            found.append(here.model_copy(update={"asked": url}))
    stars = max((each.stars for each in found if each.stars is not None), default=None)
    return Facts(provider=ID, repositories=tuple(found), signals=Signals(stars=stars))


def _repositories(work: Work) -> list[tuple[str, str]]:
    return [(link.url, full) for link in work.paper.links.code if (full := repository_name(link.url))]


def repository_name(url: str) -> str | None:
    """Return the owner and name in the address of a repository, or None for another address."""
    found = _ADDRESS.fullmatch(url)
    return found[1] if found else None


def parse(answer: Any, asked: str) -> Repository:  # noqa: ANN401  # a stranger's JSON
    """Parse what is at the address `asked`, or where it moved.

    Raises:
        TransientError: it is no repository.

    """
    row = record(answer)
    full_name = name(row.get("full_name"))
    if full_name is None or not _FULL_NAME.fullmatch(full_name):
        raise unexpected(ID)
    url = f"https://github.com/{full_name}"
    archived = row.get("archived")
    return Repository(
        asked=asked,
        url=asked if url.casefold() == asked.casefold() else url,
        stars=count(row.get("stargazers_count")),
        archived=archived if isinstance(archived, bool) else None,
    )
