"""GitHub's answer about one repository: a pure parser."""

import re
from typing import Any, Final

from services.enricher.providers.facts import Repository
from services.enricher.providers.reading import count, record, text
from shared.errors import TransientError

NAME: Final = "github"
_OWN: Final = r"\w[\w-]{0,99}/(?=\.*[\w-])[\w.-]{1,100}"
_ADDRESS: Final = re.compile(rf"https://github\.com/({_OWN})", re.IGNORECASE | re.ASCII)
_NAME: Final = re.compile(_OWN, re.ASCII)


def repository(url: str) -> str | None:
    """Read the owner and name out of the address of a repository."""
    found = _ADDRESS.fullmatch(url)
    return found[1] if found else None


def parse(answer: Any, asked: str) -> Repository:  # noqa: ANN401  # a stranger's JSON
    """Read what is at the address that was asked for, or where it moved. Raises TransientError when it is nothing."""
    row = record(answer)
    name = text(row.get("full_name"), 300)
    if name is None or not _NAME.fullmatch(name):
        raise TransientError(f"{NAME} answers in a shape that is not its own")
    url = f"https://github.com/{name}"
    archived = row.get("archived")
    return Repository(
        asked=asked,
        url=asked if url.casefold() == asked.casefold() else url,
        stars=count(row.get("stargazers_count")),
        archived=archived if isinstance(archived, bool) else None,
    )
