"""An open provider: its row of the registry with a client, a quota and our credential."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from redis.asyncio import Redis

from services.enricher.providers.client import Answer, Client
from services.enricher.providers.port import Answers, M
from services.enricher.providers.registry import Provider
from services.enricher.providers.values import unexpected
from services.enricher.works.work import Work
from shared.coordination.quotas import Quota
from shared.papers.paper import ChangeKind

KEPT_S: Final = 30 * 86_400
"""How long an answer is kept with its ETag; to answer that it has not changed costs the provider nothing."""
UNKNOWN_S: Final = 12 * 3_600
"""Who does not know a work will not know it in three hours; asking half a day later is soon enough."""
_WIDENING: Final = frozenset({ChangeKind.CODE_ADDED, ChangeKind.PUBLISHED, ChangeKind.RESTORED})
"""Changes after which a provider may know a work that it did not know before, or was not asked about."""
_UNCHANGED: Final = 304
_FORBIDDEN: Final = 403


@dataclass(frozen=True, slots=True)
class ProviderConnection:
    """Sends the requests of one provider. `parameters` hold the credential, where it stands in the address."""

    row: Provider
    client: Client
    redis: "Redis[bytes]"
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401  # a stranger's JSON
        """Request a path; return the JSON of the answer, or None when its status means that there is no such thing."""
        answer = await self._get(path, parameters or {}, self.row.headers)
        if answer.status in self.row.gone:
            return None
        if answer.json is None:
            raise unexpected(self.row.id)
        return answer.json

    async def get_if_changed(self, path: str, model: type[M], parse: Callable[[Any], M]) -> M | None:
        """Request a path with the ETag of the last answer; return what was parsed then when it has not changed."""
        key = f"unchanged:{self.row.id}:{path.lower()}"
        etag, kept = await self.redis.hmget(key, "etag", "answer")
        condition = {"If-None-Match": etag.decode()} if etag and kept else {}
        answer = await self._get(path, {}, {**self.row.headers, **condition}, *([_UNCHANGED] if condition else []))
        if answer.status in self.row.gone:
            return None
        if answer.status == _UNCHANGED:
            return model.model_validate_json(kept)
        found = parse(answer.json)
        if etag := answer.headers.get("ETag"):
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.hset(key, mapping={"etag": etag, "answer": found.model_dump_json()})
                pipe.expire(key, KEPT_S)
                await pipe.execute()
        return found

    async def post(self, path: str, parameters: Mapping[str, str], payload: object) -> Any:  # noqa: ANN401  # as above
        """Send JSON; return the JSON of the answer."""
        return (await self.client.post(path, {**parameters, **self.parameters}, payload)).json

    async def _get(self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str], *accept: int) -> Answer:
        accepted = (*self.row.gone, *accept)
        answer = await self.client.get(path, {**parameters, **self.parameters}, headers=headers, accept=accepted)
        if answer.status == _FORBIDDEN and answer.limited:  # we ask too much; the thing itself is not forbidden
            raise self.client.failure(answer, "Forbidden")
        return answer


@dataclass(frozen=True, slots=True)
class OpenProvider:
    """A provider with its connection."""

    row: Provider
    quota: Quota
    connection: ProviderConnection

    @property
    def id(self) -> str:
        """Return the id, as settings and `paperwire status` spell it."""
        return self.row.id

    @property
    def batch(self) -> int:
        """Return the number of works in one round."""
        return self.row.batch

    @property
    def requests(self) -> int:
        """Return the number of requests that its quota allows at once."""
        return self.quota.most

    @property
    def unknown_s(self) -> int:
        """Return the seconds that an answer without facts is kept."""
        return UNKNOWN_S

    @property
    def enters_on(self) -> frozenset[ChangeKind]:
        """Return the changes after which a work becomes due again."""
        return _WIDENING

    @staticmethod
    def is_urgent(_: Work) -> bool:
        """Return that no work is asked about before those of its age."""
        return False

    def wants(self, work: Work) -> bool:
        """Return whether the provider can know a work."""
        return self.row.wants(work)

    async def ask(self, works: Sequence[Work]) -> Answers:
        """Request facts about works, at most `batch`.

        Raises:
            QuotaSpentError: its quota is spent for now; this is no failure of the provider.
            TransientError: it fails; `retry_after` is the time that it names itself.

        """
        return await self.row.ask(self.connection, works)

    async def left(self) -> int:
        """Return how many requests its quota allows now."""
        return await self.connection.client.quotas.left(self.id, self.quota)
