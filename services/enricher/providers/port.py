"""What the refresh needs of a provider."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.enricher.providers.facts import Facts
from services.enricher.providers.quotas import Quota
from services.enricher.works.work import Work

Answers = Mapping[str, Facts]
"""By the id of the work. One that is missing was not answered, and is asked about again."""


class Provider(Protocol):
    """Somebody who knows things about works."""

    @property
    def name(self) -> str:
        """Name it as settings and `paperwire status` do."""

    @property
    def quota(self) -> Quota:
        """Tell what it allows."""

    @property
    def batch(self) -> int:
        """Tell how many works one asking holds."""

    def wants(self, work: Work) -> bool:
        """Tell whether it can know a work: by its ids or its links."""

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Ask about works that it wants, at most `batch`. What it does not know gets an answer without facts.

        Raises:
            QuotaSpentError: later, and no fault of its.
            TransientError: it fails; `retry_after` is what it names itself.

        """
