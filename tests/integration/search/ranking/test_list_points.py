"""How long the points of reading lists are kept."""

from services.search.ranking.list_points import KEPT_S, MOST, ListPoints
from services.search.ranking.own_lists import OwnLists
from shared.qdrant import DENSE, PAPERS, ensure_papers, open_qdrant
from shared.qdrant.client_library import models
from shared.settings import Settings

POINTS = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]


async def test_points_are_kept_for_a_minute_and_for_the_same_ids_only(settings: Settings, qdrant_url: str) -> None:
    client, moment = open_qdrant(settings.model_copy(update={"qdrant_url": qdrant_url})), 0.0
    lists = ListPoints(client, lambda: moment)

    async def found(*ids: str) -> set[str]:
        return set((await lists.of(OwnLists((frozenset(ids),)))).wanted[0])

    async def put(number: int) -> None:
        vector = {DENSE: [1.0, 0.0, 0.0, 0.0]}
        point = models.PointStruct(id=POINTS[number], vector=vector, payload={"ids": [f"id:{number}"]})
        await client.upsert(PAPERS, [point], wait=True)

    assert await found("id:0", "id:1") == set()
    await ensure_papers(client, "model", 4)
    await put(0)
    assert await found("id:0", "id:1") == {POINTS[0]}, "that there was no collection is not kept"
    await put(1)
    assert await found("id:0", "id:1") == {POINTS[0]}
    assert await found("id:1") == {POINTS[1]}, "what a reader changes counts at once"
    for number in range(MOST - 1):
        await found(f"other:{number}")
    moment = KEPT_S - 1
    assert await found("id:0", "id:1") == set(POINTS), "of many lists the newest are kept"
    await client.delete(PAPERS, [*POINTS[:1]], wait=True)
    assert await found("id:0", "id:1") == set(POINTS)
    moment += KEPT_S
    assert await found("id:0", "id:1") == {POINTS[1]}
    await client.close()
