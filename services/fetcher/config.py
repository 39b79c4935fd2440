"""`sources.toml`: which sources there are, read and checked."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.errors import ConfigurationError

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _seconds(value: object) -> object:
    """Read "90s", "30m", "6h" or "1d" as seconds."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)\s*([smhd])", value.strip())):
        return int(match[1]) * _UNITS[match[2]]
    return value


class SourceConfig(BaseModel):
    """One `[[source]]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w .:+-]+$")
    type: Literal["feed", "folder"]
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    path: Path | None = None
    interval: Annotated[timedelta, BeforeValidator(_seconds)] = timedelta(minutes=30)
    enabled: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = "url" if self.type == "feed" else "path"
        if getattr(self, needed) is None:
            message = f"a source of type {self.type!r} needs {needed!r}"
            raise ValueError(message)
        if not timedelta(seconds=1) <= self.interval <= timedelta(days=366):
            message = "the interval must be between a second and a year"
            raise ValueError(message)
        return self


def load_sources(path: Path, base: Path | None = None) -> list[SourceConfig]:
    """Read the sources of a file; a relative folder is meant from `base`, else from the file's place.

    Raises:
        ConfigurationError: the file cannot be read, or a source in it is not usable; the text says which.

    """
    sources = []
    for number, table in enumerate(_tables(path), 1):
        try:
            source = SourceConfig.model_validate(table)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(map(str, problem["loc"])) or table.get("name", "?")
            message = f"Source {number} in {path} is not usable: {where}: {problem['msg']}."
            raise ConfigurationError(message) from error
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
