"""The alerts about papers that were found to cite a reader's papers and are in the index."""

from collections.abc import Callable

from redis.asyncio import Redis

from services.notifier.alerts.planner import AlertPlanner, PlannedAlert, check_key, match_key
from services.notifier.delivery.deliveries import key_of
from services.notifier.following.known_citations import KnownCitations
from services.notifier.following.known_items import KnownItems
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.subscription.store import Row


class CitationAlerts:
    """Plans the alerts, as those of new papers are planned. `clock` returns Unix seconds."""

    def __init__(
        self,
        redis: Redis,
        papers: IndexedPapers,
        interests: InterestVectors,
        planner: AlertPlanner,
        clock: Callable[[], float],
    ) -> None:
        self._redis = redis
        self._papers = papers
        self._known = KnownItems(papers)
        self._interest_vectors = interests
        self._planner = planner
        self._clock = clock

    async def plan(self, row: Row, known: KnownCitations) -> tuple[list[PlannedAlert], KnownCitations]:
        """Return the alerts about awaited papers that the index has, and what is awaited without them.

        An alert that was written before is not among them: its paper was new after it was found.

        Raises:
            TransientError: Qdrant does not answer.

        """
        awaited = {one.item.key: one for one in known.awaited}
        named = await self._known.of([one.item for one in awaited.values()])
        if not named:
            return [], known
        papers = await self._papers.those(list(dict.fromkeys(named.values())))
        cited: dict[str, list[str]] = {}
        for key, id_ in named.items():
            cited.setdefault(id_, []).extend(awaited[key].cited)
        pairs = [(papers[id_], tuple(dict.fromkeys(titles))) for id_, titles in cited.items() if id_ in papers]
        interest = (await self._interest_vectors.stored([row]))[0]
        alerts = await self._planner.plan_citing(row, interest, pairs, self._clock())
        found = tuple(
            one.model_copy(update={"indexed": True}) if named.get(one.item.key) in papers else one
            for one in known.found
        )
        return await self._unwritten(alerts), known.model_copy(update={"found": found})

    async def _unwritten(self, alerts: list[PlannedAlert]) -> list[PlannedAlert]:
        ids = [alert.record.id for alert in alerts]
        keys = [key(id_) for id_ in ids for key in (key_of, match_key, check_key)]
        rows = await self._redis.mget(keys) if keys else []
        return [alert for place, alert in enumerate(alerts) if not any(rows[3 * place : 3 * place + 3])]
