"""The registry of providers: one row says what a provider allows, what it needs and how it is requested.

A new provider is a file beside this one with `wants`, `ask` and its parser, a row here, and a test.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from services.enricher.providers import crossref, github, huggingface, openalex, semantic_scholar
from services.enricher.providers.port import Answers, Connection
from services.enricher.works.work import Work
from shared.coordination.quotas import Quota


@dataclass(frozen=True, slots=True)
class Credential:
    """The credential for a provider, and its place in a request: a header, or a parameter."""

    setting: str
    """The field of the settings that holds it."""
    header: str | None = None
    form: str = "{}"
    parameter: str | None = None
    secret: bool = True
    need: Literal["optional", "advised", "required"] = "optional"
    """By default a provider is asked without its credential only if that is optional."""
    quota: Quota | None = None
    """What the provider allows those who send it, where that is more."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One row of the registry."""

    id: str
    url: str
    """The address of its API; the setting `<id>_url` replaces it."""
    quota: Quota
    """A little less than it says it allows."""
    batch: int
    """How many works one round asks about."""
    wants: Callable[[Work], bool]
    """Whether it can know a work, by its ids or its links."""
    ask: Callable[[Connection, Sequence[Work]], Awaitable[Answers]]
    """Ask about works that it wants, at most `batch`; for a work that it does not know, the answer has no facts."""
    credential: Credential | None = None
    gone: frozenset[int] = frozenset()
    """Statuses that mean there is no such thing here: asking again soon does not change that."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def keyless(self) -> bool:
        """Return whether the provider is used by default when its credential is not set."""
        return self.credential is None or self.credential.need == "optional"

    @property
    def url_setting(self) -> str:
        """The field of the settings that replaces its address."""
        return f"{self.id.replace('-', '_')}_url"


_GONE: Final = frozenset({404, 410, 451})
_ROWS: Final = (
    Provider(
        id="crossref",
        url="https://api.crossref.org",
        quota=Quota(4, 4.0),
        batch=20,
        wants=crossref.wants,
        ask=crossref.ask,
        credential=Credential("mailto", parameter="mailto", secret=False, quota=Quota(8, 8.0)),
    ),
    Provider(
        id="github",
        url="https://api.github.com",
        quota=Quota(60, 60 / 3_600),
        batch=8,
        wants=github.wants,
        ask=github.ask,
        credential=Credential(
            "github_token", header="Authorization", form="Bearer {}", quota=Quota(500, 4_500 / 3_600)
        ),
        gone=_GONE | {403},  # a repository that GitHub has blocked
        headers={"Accept": "application/vnd.github+json"},
    ),
    Provider(
        id="huggingface",
        url="https://huggingface.co",
        # An address may send 500 requests in five minutes; the fetcher, at its worst, leaves 0.25 a second of them.
        quota=Quota(20, 0.25),
        batch=8,
        wants=huggingface.wants,
        ask=huggingface.ask,
        credential=Credential("huggingface_token", header="Authorization", form="Bearer {}"),
        gone=_GONE,
    ),
    Provider(
        id="openalex",
        url="https://api.openalex.org",
        quota=Quota(10, 5.0),
        batch=50,
        wants=openalex.wants,
        ask=openalex.ask,
        credential=Credential("openalex_key", parameter="api_key", need="required"),
    ),
    Provider(
        id="semantic-scholar",
        url="https://api.semanticscholar.org/graph/v1",
        quota=Quota(1, 0.9),
        batch=500,
        wants=semantic_scholar.wants,
        ask=semantic_scholar.ask,
        credential=Credential("semantic_scholar_key", header="x-api-key", need="advised"),
    ),
)
PROVIDERS: Final[Mapping[str, Provider]] = {row.id: row for row in _ROWS}
