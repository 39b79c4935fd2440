"""The answer to a request for recommendations: a page of papers, each with the reasons for it."""

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Json, Reader, next_cursor, page_of
from services.search.api.responses import listed
from services.search.for_you.choices import Choices
from services.search.for_you.recommender import Recommender
from services.search.for_you.scoring import freshness, reasons
from services.search.for_you.taste import Taste
from services.search.query import cursor
from services.search.ranking.engine import Ranked
from services.search.ranking.qdrant_filter import where


async def taste(reader: Reader, asked: ForYouParameters, owner: str | None) -> Taste | None:
    """Return the taste by the papers that a request names, else by the reading list of its reader, else None."""
    choices = Choices(reader.sign_ins.lists, reader.papers)
    if asked.like:
        return await choices.named(asked.like, asked.unlike)
    return await choices.of_reader(owner) if owner else None


async def recommended(reader: Reader, liking: Taste, asked: ForYouParameters) -> Json:
    """Return one page of what a taste recommends.

    A cursor stays valid while the taste changes: what was shown does not come again.

    Raises:
        Problem: 422 for a cursor of another request.

    """
    search = cursor.digest("for you", asked.filters(), asked.like, asked.unlike)
    page = page_of(asked, search)
    found = await Recommender(reader.papers, reader.now).recommend(liking, asked.filters())
    results = await reader.engine.find(Ranked(where(asked.filters()), found.order, 0.0), None, page)
    rows = zip(await reader.illustrated(listed(results.hits)), results.hits, strict=True)
    now = reader.now()
    why = {
        point: [*reasons(liking, found.close[point], payload), *freshness(payload, now)]
        for point, payload in ((hit.point, found.payloads[hit.point]) for hit in results.hits)
    }
    return {
        "results": [{**row, "reasons": why[hit.point]} for row, hit in rows],
        "next_cursor": next_cursor(results, search),
        "liked": len(liking.liked),
        "days": found.days,
    }
