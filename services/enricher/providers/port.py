"""The interface between providers and their connection. Pure."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from services.enricher.providers.facts import Facts
from services.enricher.works.work import Work
from shared.errors import TransientError
from shared.papers.paper import ChangeKind, Model

M = TypeVar("M", bound=Model)
Answers = Mapping[str, Facts]
"""Facts by the id of the work. A work that is missing was not answered, and is asked about again."""


class Connection(Protocol):
    """The connection to one provider: within its quota, with our credential, bounded in bytes and seconds.

    Every method raises QuotaSpentError when the quota is spent for now, and TransientError when the provider fails.
    """

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  # a stranger's JSON
        """Request a path; return the JSON of the answer, or None when its status means that there is no such thing."""

    async def get_if_changed(self, path: str, model: type[M], parse: Callable[[Any], M]) -> M | None:
        """Request a path with the ETag of the last answer; return what was parsed then when it has not changed."""

    async def post(self, path: str, parameters: Mapping[str, str], payload: object) -> Any:  # noqa: ANN401  # as above
        """Send JSON; return the JSON of the answer."""


class Asked(Protocol):
    """An open provider, as the refresher asks it."""

    @property
    def id(self) -> str:
        """The id, as settings and `paperwire status` spell it."""

    @property
    def batch(self) -> int:
        """The number of works in one round."""

    @property
    def requests(self) -> int:
        """The number of requests that its quota allows at once, or its budget in a day."""

    @property
    def unknown_s(self) -> int:
        """The seconds that an answer without facts is kept."""

    @property
    def enters_on(self) -> frozenset[ChangeKind]:
        """The changes after which a work that it was asked about, or did not know, becomes due again."""

    def is_urgent(self, work: Work) -> bool:
        """Return whether a work is asked about before all others, whatever its age."""

    def wants(self, work: Work) -> bool:
        """Return whether the provider can know a work."""

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Request facts about works, at most `batch`.

        Raises:
            QuotaSpentError: its quota is spent for now; this is no failure of the provider.
            TransientError: it fails; `retry_after` is the time that it names itself.

        """

    async def left(self) -> int:
        """Return how many of its `requests` are left now."""


async def ask_each(works: Sequence[Work], ask: Callable[[Work], Awaitable[Facts]]) -> Answers:
    """Request one work after the other, for a provider that accepts no batches.

    A failure ends the round and keeps the answers before it; it is raised when there are none.
    """
    answers: dict[str, Facts] = {}
    for work in works:
        try:
            answers[work.paper.id] = await ask(work)
        except TransientError:
            if not answers:
                raise
            break
    return answers
