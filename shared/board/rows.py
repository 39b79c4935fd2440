"""The rows of the board: what each hash holds, as JSON objects. Pure.

Every field is optional, so that a reader and a writer of different versions understand each other. A change may only
add fields; `docs/schemas` holds what was agreed.
"""

import hashlib
from typing import Final, Literal, get_args

from typing_extensions import TypedDict  # pydantic cannot read the one of `typing` before Python 3.12

from shared.papers.paper import Model

Origin = Literal["huggingface", "project", "arxiv"]
"""Where a picture is from: Hugging Face, the page of the project, or the first figure at arXiv."""
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)


class SourceRow(TypedDict, total=False):
    """A source and its last poll. The fetcher writes it under the name of the source."""

    name: str
    type: str
    url: str
    enabled: bool
    state: str
    detail: str | None
    failures: int
    items: int
    last_poll: str | None
    next_poll: str | None


class ProviderRow(TypedDict, total=False):
    """A metadata provider and its last answer. The enricher writes it under the name of the provider."""

    name: str
    state: str
    detail: str | None
    quota: int
    quota_left: int
    due: int
    behind_s: int
    last_success: str | None
    last_failure: str | None
    last_error: str | None
    failing: str | None


# Entries of a day by kind; this syntax can spell a hyphen.
_Counts = TypedDict(
    "_Counts",
    {"new": int, "revised": int, "withdrawn": int, "cross-listed": int, "recovered": int},
    total=False,
)


class IndexRow(TypedDict, total=False):
    """What the last comparison of the index with the records of works found. The indexer writes it.

    `missing`, `outdated` and `unknown` count what is left after the repair of `repaired` points.
    """

    name: str
    works: int
    points: int
    missing: int
    outdated: int
    unknown: int
    unknown_works: list[str]
    repaired: int
    checked: str


class DiskRow(TypedDict, total=False):
    """The free space of the disk with the data directory. The fetcher writes it when it looks."""

    name: str
    state: str
    detail: str
    free: int
    total: int
    checked: str


class PictureWish(Model):
    """Where a paper may have a picture. `arxiv` is an id with its version, `thumbnail` and `project` are addresses."""

    thumbnail: str | None = None
    project: str | None = None
    arxiv: str | None = None
    published: float
    """When the paper was published, in s since 1970: the newest papers come first."""


class PictureRow(TypedDict, total=False):
    """A picture that is kept. The fetcher writes it under the id of the work.

    `version` changes with its content, `width` and `height` are pixels, `size` is bytes.
    """

    version: str
    width: int
    height: int
    size: int
    origin: Origin


def version_of_picture(body: bytes) -> str:
    """Return the version of a picture, which changes with its content."""
    return hashlib.blake2b(body, digest_size=6).hexdigest()


class PictureStockRow(TypedDict, total=False):
    """The pictures of papers that are kept, in number and bytes, and the results of the searches for them.

    The fetcher writes it. `wanted` papers wait; the other counts are of all time. `origins` are in the order of search.
    """

    origins: list[str]
    kept: int
    bytes: int
    wanted: int
    found: int
    none: int
    failed: int
    last_error: str | None
    checked: str


class MailRow(TypedDict, total=False):
    """The addresses that nothing is sent to, as they refuse mail. The notifier writes it when their number changes."""

    suppressed: int
    changed: str


class DayRow(_Counts, total=False):
    """An announcement day of a category of a source. The fetcher writes it under `source|category|day`."""

    source: str
    category: str
    day: str
    state: str
    received: int
    expected: int | None
    missing: int
    stale: bool
    capped: bool
    reason: str
    note: str | None
    updated: str
