"""The row of a source type: everything that the fetcher and the command line need to know about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

from services.fetcher.http.polite import Allowance, Polite
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.port import FeedParser, Harvest, Source

MAX_TRUST: Final = 3
C = TypeVar("C", bound=SourceConfig)


@dataclass(frozen=True, slots=True)
class DriverContext:
    """The arguments of drivers: the HTTP client, the settings, the clock in UTC, and the parser of feeds."""

    polite: Polite
    settings: FetcherSettings
    clock: Callable[[], datetime]
    feeds: FeedParser


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceType(Generic[C]):
    """One type of source. `config` is the model of its `[[source]]` table, `make` creates its driver."""

    id: str
    """The `type` in sources.toml, and the `source` of the items it brings unless these belong to another archive."""
    config: type[C]
    make: Callable[[C, DriverContext], Source]
    trust: int = 0
    """How much its title and abstract count beside another source's: 0 (any feed) to 3 (the archive's own)."""
    hosts: tuple[str, ...] = ()
    """Hosts that share its allowance."""
    allowance: Allowance | None = None
    """How often its hosts may be asked; None means the default for unknown hosts."""
    live: bool = True
    """Whether a poll needs the network: with `--offline` such a source is not polled."""
    announces: bool = False
    """Whether it brings announcement days, which the ledger keeps."""
    harvests: Mapping[str, Callable[[DriverContext], Harvest]] = field(default_factory=dict)
    """How its past can be read, by what selects it ("set" or "query"); `paperwire backfill` offers these."""
