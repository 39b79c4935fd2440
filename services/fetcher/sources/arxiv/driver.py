"""The drivers of arXiv, made from tables of `sources.toml`, and the harvest of its past."""

from typing import Annotated

from pydantic import Field

from services.fetcher.sources.arxiv.announcements import ArxivRss
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.arxiv.api_query import ArxivQuery
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.config import Category, SourceConfig
from services.fetcher.sources.port import Harvest
from services.fetcher.sources.source_type import DriverContext


class ArxivConfig(SourceConfig):
    """The announcements of categories such as `cs.CL`, or of archives such as `cs`."""

    categories: Annotated[tuple[Category, ...], Field(min_length=1)]

    @property
    def target(self) -> str:
        """The categories."""
        return " ".join(self.categories)


class ArxivQueryConfig(SourceConfig):
    """The results of a query in the language of arXiv's API."""

    query: str = Field(min_length=1, max_length=1_000)

    @property
    def target(self) -> str:
        """The query."""
        return self.query


def make_announcements(config: ArxivConfig, context: DriverContext) -> ArxivRss:
    """Make the driver of arXiv's announcements, reconciled with OAI-PMH."""
    parse = context.feeds.parse
    return ArxivRss(config.name, config.categories, context.polite, parse, context.clock, oai=_oai(context))


def make_query(config: ArxivQueryConfig, context: DriverContext) -> ArxivQuery:
    """Make the driver of a query."""
    return ArxivQuery(config.name, config.query, _api(context), context.clock)


def oai_harvest(context: DriverContext) -> Harvest:
    """Return the harvest of a set by the days on which records changed."""
    return _oai(context).harvest


def api_harvest(context: DriverContext) -> Harvest:
    """Return the harvest of a query by the days on which papers were submitted."""
    return _api(context).harvest_days


def _oai(context: DriverContext) -> ArxivOai:
    """Make the OAI-PMH client; the titles of deleted records come from the API."""
    return ArxivOai(context.polite, base=context.settings.arxiv_oai_url, by_id=_api(context).by_ids)


def _api(context: DriverContext) -> ArxivApi:
    return ArxivApi(context.polite, context.clock, base=context.settings.arxiv_api_url)
