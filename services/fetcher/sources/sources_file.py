"""`sources.toml`: reads the sources that are configured, and checks each by the row of its type."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.registry import BY_ID
from shared.errors import ConfigurationError
from shared.validation_sentences import predicate


def parse_source(table: Mapping[str, Any], where: str) -> SourceConfig:
    """Check one table; raises ConfigurationError that says where it stands (`where`) and what is wrong."""
    row = BY_ID.get(str(table.get("type")))
    if row is None:
        message = f"{where} is not valid: type: choose one of {', '.join(BY_ID)}."
        raise ConfigurationError(message)
    try:
        config: SourceConfig = row.config.model_validate(table)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or table.get("name", "?")
        message = f"{where} is not valid: {place}: {_explained(problem, row.id)}."
        raise ConfigurationError(message) from error
    return config


def _explained(problem: ErrorDetails, type_id: str) -> str:
    """Return what is wrong, with the type for a field that the type needs or does not have."""
    field = problem["loc"][0] if problem["loc"] else ""
    if problem["type"] in ("missing", "too_short"):
        return f"a source of type {type_id!r} needs {field!r}"
    if problem["type"] == "extra_forbidden":
        return f"a source of type {type_id!r} has no {field!r}"
    return predicate(problem)


def load_sources(path: Path, base: Path | None = None) -> list[SourceConfig]:
    """Read the sources of a file; a relative folder is resolved against `base`, or else against the file's folder.

    Raises:
        ConfigurationError: the file cannot be read, or a source in it is not usable; the message says which.

    """
    sources = []
    for number, table in enumerate(_tables(path), 1):
        source = parse_source(table, f"Source {number} in {path}")
        sources.append(source.resolved(base or path.parent))
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
