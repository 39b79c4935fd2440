"""`sources.toml`: which sources there are, read and checked."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from services.fetcher.sources.fields import bare_url
from shared.errors import ConfigurationError

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
Kind = Literal["feed", "folder", "arxiv", "arxiv-query", "huggingface", "biorxiv", "medrxiv", "openreview"]
# What a source of each type cannot do without.
_NEEDS: Final[dict[str, str]] = {
    "feed": "url",
    "folder": "path",
    "arxiv": "categories",
    "arxiv-query": "query",
    "openreview": "query",
}
_MAY: Final = {"biorxiv": {"categories"}, "medrxiv": {"categories"}}


def _seconds(value: object) -> object:
    """Read "90s", "30m", "6h" or "1d" as seconds."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)\s*([smhd])", value.strip())):
        return int(match[1]) * _UNITS[match[2]]
    return value


class SourceConfig(BaseModel):
    """One `[[source]]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w .:+-]+$")
    type: Kind
    url: str | None = Field(default=None, pattern=r"^https?://\S+$", max_length=2_000)
    path: Path | None = None
    categories: tuple[Annotated[str, Field(pattern=r"^[\w.-]+( [\w.-]+)*$", max_length=100)], ...] = ()
    query: str | None = Field(default=None, min_length=1, max_length=1_000)
    interval: Annotated[timedelta, BeforeValidator(_seconds)] = timedelta(minutes=30)
    enabled: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = _NEEDS.get(self.type)
        if needed and not getattr(self, needed):
            message = f"a source of type {self.type!r} needs {needed!r}"
            raise ValueError(message)
        known = {needed} | _MAY.get(self.type, set())
        odd = next((name for name in ("url", "path", "categories", "query") if getattr(self, name)
                    and name not in known), None)  # fmt: skip
        if odd:
            message = f"a source of type {self.type!r} has no {odd!r}"
            raise ValueError(message)
        if not timedelta(seconds=1) <= self.interval <= timedelta(days=366):
            message = "the interval must be between a second and a year"
            raise ValueError(message)
        return self

    @property
    def live(self) -> bool:
        """Whether a poll of it needs a network."""
        return self.type != "folder"

    @property
    def announces(self) -> bool:
        """Whether it brings announcement days, which the ledger keeps."""
        return self.type not in ("feed", "folder")

    @property
    def target(self) -> str:
        """Tell where it points; of a feed that is its address, which may hold secrets."""
        return self.url or (str(self.path) if self.path else "") or self.query or " ".join(self.categories) or self.type

    @property
    def what(self) -> str:
        """Say in a few words what is polled, as anybody may read it."""
        return bare_url(self.url) + "?…" * ("?" in self.url) if self.url else self.target


def checked(table: dict[str, Any], where: str) -> SourceConfig:
    """Check one table; raises ConfigurationError with `where` it stands and what is wrong."""
    try:
        return SourceConfig.model_validate(table)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or table.get("name", "?")
        message = f"{where} is not usable: {place}: {problem['msg']}."
        raise ConfigurationError(message) from error


def load_sources(path: Path, base: Path | None = None) -> list[SourceConfig]:
    """Read the sources of a file; a relative folder is meant from `base`, else from the file's place.

    Raises:
        ConfigurationError: the file cannot be read, or a source in it is not usable; the text says which.

    """
    sources = []
    for number, table in enumerate(_tables(path), 1):
        source = checked(table, f"Source {number} in {path}")
        if source.path:
            source = source.model_copy(update={"path": (base or path.parent) / source.path.expanduser()})
        sources.append(source)
    if len({source.name for source in sources}) < len(sources):
        message = f"Two sources in {path} have the same name: give each its own."
        raise ConfigurationError(message)
    return sources


def _tables(path: Path) -> list[dict[str, Any]]:
    """Read the tables of a file; another spelling of `[[source]]` must not read as "no sources"."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"The sources file {path} cannot be read: {error}."
        raise ConfigurationError(message) from error
    tables = document.pop("source", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        found = next(iter(document), "source")
        message = f"The sources file {path} holds {found!r}: it can hold [[source]] tables and nothing else."
        raise ConfigurationError(message)
    return tables
