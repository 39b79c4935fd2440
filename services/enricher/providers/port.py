"""The interface between providers and their connection. Pure."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from services.enricher.providers.facts import Facts
from services.enricher.works.work import Work
from shared.errors import TransientError
from shared.papers.paper import Model

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
