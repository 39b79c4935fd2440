"""The registry of source types. A new source is one file or folder beside this one, one row here, and one test.

`sources.toml`, `paperwire sources`, `paperwire backfill`, host budgets and the trust of items follow from the rows.
"""

from typing import Any, Final

from services.fetcher.http.polite import Allowance
from services.fetcher.sources.arxiv import driver as arxiv
from services.fetcher.sources.biorxiv import driver as biorxiv
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.feeds import driver as feeds
from services.fetcher.sources.files import folder
from services.fetcher.sources.huggingface import driver as huggingface
from services.fetcher.sources.openreview import driver as openreview
from services.fetcher.sources.source_type import SourceType

# One budget for arXiv's interfaces: a request in 3 s over one connection, and ten minutes of silence after a 429.
_ARXIV: Final = Allowance("arxiv.org", interval=3.0, places=1, quiet=600.0)
_ARXIV_HOSTS: Final = ("arxiv.org", "rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org")
# bioRxiv and medRxiv are answered by one host.
_BIORXIV: Final = Allowance("api.biorxiv.org", interval=1.0, places=1, quiet=120.0)

SOURCE_TYPES: Final[tuple[SourceType[Any], ...]] = (
    SourceType(
        id="arxiv",
        config=arxiv.ArxivConfig,
        make=arxiv.make_announcements,
        trust=3,
        hosts=_ARXIV_HOSTS,
        allowance=_ARXIV,
        announces=True,
        harvests={"set": arxiv.oai_harvest, "query": arxiv.api_harvest},
    ),
    SourceType(
        id="arxiv-query",
        config=arxiv.ArxivQueryConfig,
        make=arxiv.make_query,
        trust=3,
        hosts=_ARXIV_HOSTS,
        allowance=_ARXIV,
        announces=True,
    ),
    SourceType(
        id="huggingface",
        config=SourceConfig,
        make=huggingface.make,
        trust=1,
        hosts=("huggingface.co",),
        allowance=Allowance("huggingface.co", interval=0.7, places=2, quiet=300.0),
        announces=True,
    ),
    SourceType(
        id="biorxiv",
        config=biorxiv.BiorxivConfig,
        make=biorxiv.make,
        trust=3,
        hosts=("api.biorxiv.org",),
        allowance=_BIORXIV,
        announces=True,
    ),
    SourceType(
        id="medrxiv",
        config=biorxiv.BiorxivConfig,
        make=biorxiv.make,
        trust=3,
        hosts=("api.biorxiv.org",),
        allowance=_BIORXIV,
        announces=True,
    ),
    SourceType(
        id="openreview",
        config=openreview.OpenReviewConfig,
        make=openreview.make,
        trust=3,
        hosts=("api2.openreview.net",),
        allowance=Allowance("api2.openreview.net", interval=1.0, places=1, quiet=120.0),
        announces=True,
    ),
    SourceType(id="feed", config=feeds.FeedConfig, make=feeds.make),
    SourceType(id="folder", config=folder.FolderConfig, make=folder.make, live=False),
)
BY_ID: Final = {row.id: row for row in SOURCE_TYPES}
ALLOWANCES: Final = {host: row.allowance for row in SOURCE_TYPES if row.allowance for host in row.hosts}
"""What each host that a source is known for allows."""
TRUST: Final = {row.id: row.trust for row in SOURCE_TYPES}
"""How far the text of an item with a given `source` is trusted, compared with that of other sources; 0 for others."""
