"""The pages of a reader's own subscriptions: /my, and behind a signed address what is theirs.

The address is the only proof, as with the links of alerts: there is no cookie, so no other site can act in a reader's
name.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from redis.asyncio import Redis

from services.notifier.access.guards import ID_SEGMENT
from services.notifier.access.quota import Quota
from services.notifier.channels.registry import is_sent
from services.notifier.pages.my_subscriptions import PATH, Door, Mine, Visit
from services.notifier.pages.page import Page, read_form, render, render_template
from services.notifier.pages.sentences import wants
from services.notifier.secrets.signed_links import LinkError
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.store import Row
from shared.errors import PermanentError, TransientError
from shared.http.clients import client_address
from shared.settings import Network

_KNOCKS: Final = Quota(30, 600)
"""Keys that one client may try."""
_TOKEN: Final = "{token:[A-Za-z0-9_.-]+}"  # noqa: S105  # a part of a path
Handler = Callable[[web.Request], Awaitable[web.Response]]


class MyPages:
    """Answers the pages. `trusted` are the proxies whose word about the client is believed."""

    def __init__(self, redis: Redis, door: Door, mine: Mine, trusted: Sequence[Network]) -> None:
        self._redis = redis
        self._door = door
        self._mine = mine
        self._trusted = trusted

    def routes(self) -> list[web.AbstractRouteDef]:
        """Give the routes."""
        one = f"{PATH}/{_TOKEN}/{ID_SEGMENT}"
        return [
            web.get(PATH, self.door),
            web.post(PATH, told_plainly(self.enter)),
            web.get(f"{PATH}/{_TOKEN}", told_plainly(self.list)),
            web.get(one, told_plainly(self.show)),
            web.post(one + "/{act:[a-z]+}", told_plainly(self.act)),
        ]

    async def door(self, _: web.Request) -> web.Response:
        """Ask who it is."""
        return render_template("my_sign_in.html", {"problem": None}, public=True)

    async def enter(self, request: web.Request) -> web.Response:
        """Let in who has a key."""
        client = client_address(request.remote, request.headers.getall("X-Forwarded-For", []), self._trusted)
        if not await _KNOCKS.take(self._redis, f"my:knocks:{client}"):
            problem = "Too many tries: come back in ten minutes."
            return render_template("my_sign_in.html", {"problem": problem}, HTTPStatus.TOO_MANY_REQUESTS)
        visit = await self._door.enter((await read_form(request)).get("key", ""))
        if visit is None:
            problem = "That is no API key of this instance: “paperwire keys create” makes one."
            return render_template("my_sign_in.html", {"problem": problem}, HTTPStatus.FORBIDDEN)
        raise web.HTTPSeeOther(visit.home)

    async def list(self, request: web.Request) -> web.Response:
        """List the reader's subscriptions."""
        visit = await self._door.visit(request.match_info["token"])
        rows = await self._mine.all(visit.owner)
        context = {"visit": visit, "rows": rows, "told": schedule_phrase, "said": request.query.get("said", "")}
        return render_template("my_list.html", context)

    async def show(self, request: web.Request) -> web.Response:
        """Show one subscription."""
        visit, row = await self._found(request)
        return await self._page(visit, row, said=request.query.get("said", ""))

    async def act(self, request: web.Request) -> web.Response:
        """Act on one, and show what came of it."""
        visit, row = await self._found(request)
        name = request.match_info["act"]
        try:
            said = await self._mine.act(row, name, await read_form(request))
        except KeyError as error:
            raise web.HTTPNotFound from error
        except PermanentError as error:
            return await self._page(visit, row, problem=str(error))
        target = visit.home if name == "delete" else visit.page(row.subscription.id)
        raise web.HTTPSeeOther(f"{target}?{urlencode({'said': said})}")

    async def _found(self, request: web.Request) -> tuple[Visit, Row]:
        visit = await self._door.visit(request.match_info["token"])
        row = await self._mine.one(visit.owner, request.match_info["id"].lower())
        if row is None:
            raise LinkError("There is no such subscription of yours.")
        return visit, row

    async def _page(self, visit: Visit, row: Row, *, said: str = "", problem: str | None = None) -> web.Response:
        one = row.subscription
        context = {
            "visit": visit,
            "one": one,
            "is_sent": is_sent(one.channel),
            "wants": wants(one),
            "when": schedule_phrase(one.schedule),
            "preview": await self._mine.preview(one),
            "log": await self._mine.log(one),
            "said": said,
            "problem": problem,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return render_template("my_subscription.html", context, status)


def told_plainly(page: Handler) -> Handler:
    """Show a failure as a page."""

    @wraps(page)
    async def shown(request: web.Request) -> web.Response:
        try:
            return await page(request)
        except LinkError as error:
            return render(Page("Not here", (str(error),), links=(("Enter", PATH),), status=HTTPStatus.NOT_FOUND))
        except TransientError:
            again = Page("Try again shortly", ("Nothing was changed.",), status=HTTPStatus.SERVICE_UNAVAILABLE)
            return render(again)

    return shown
