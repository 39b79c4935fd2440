"""The pages of a reader's own subscriptions: /my, with a cookie or to sign in, and signed addresses below it."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.access.guards import ID_SEGMENT
from services.notifier.access.send_limits import SendLimits
from services.notifier.pages.my_subscriptions import MySubscriptions
from services.notifier.pages.page import Page, answered, read_form
from services.notifier.pages.sentences import subscription_lines
from services.notifier.pages.visits import PATH, Visit, Visits, check_origin, forget, remember
from services.notifier.secrets.signed_links import LinkError
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.store import Row
from shared.coordination.quotas import Quota
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.site import path_to
from shared.readers.sessions import COOKIE

_SIGN_INS: Final = Quota.within(30, 600)
"""Keys that one client may try."""
_TOKEN: Final = "{token:[A-Za-z0-9_.-]+}"  # noqa: S105  # a part of a path


class MyPages:
    """Answers the pages."""

    def __init__(
        self, quotas: ClientQuotas, visits: Visits, subscriptions: MySubscriptions, limits: SendLimits
    ) -> None:
        self._limits = limits
        self._quotas = quotas
        self._visits = visits
        self._subscriptions = subscriptions

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        one = f"{PATH}/{_TOKEN}/{ID_SEGMENT}"
        return [
            web.get(PATH, answered(self.form)),
            web.post(PATH, answered(self.sign_in)),
            web.post(f"{PATH}/sign-out", answered(self.sign_out)),
            web.get(f"{PATH}/{_TOKEN}", answered(self.list)),
            web.post(f"{PATH}/{_TOKEN}", answered(self.sign_in_by_link)),
            web.get(one, answered(self.show)),
            web.post(one + "/{action:[a-z]+}", answered(self.act)),
        ]

    async def form(self, request: web.Request) -> Page:
        """Show what is the reader's, or the form to sign in."""
        visit = await self._visits.by_cookie(request)
        return await self._list(request, visit) if visit else Page("my_sign_in.html", {"problem": None}, listed=True)

    async def sign_in(self, request: web.Request) -> Page:
        """Start a session with an API key."""
        check_origin(request)
        if not await self._quotas.take(request, "my:sign_ins", _SIGN_INS):
            problem = "Too many attempts. Try again in ten minutes."
            return Page("my_sign_in.html", {"problem": problem}, HTTPStatus.TOO_MANY_REQUESTS)
        token = await self._visits.start_by_key((await read_form(request)).get("key", ""))
        if token is None:
            problem = "This is not an API key of this instance. Create one with “paperwire keys create”."
            return Page("my_sign_in.html", {"problem": problem}, HTTPStatus.FORBIDDEN)
        raise _signed_in(token)

    async def sign_in_by_link(self, request: web.Request) -> Page:
        """Start a session with a signed address."""
        check_origin(request)
        raise _signed_in(await self._visits.start_by_link(request.match_info["token"]))

    async def sign_out(self, request: web.Request) -> Page:
        """End the session of the reader."""
        check_origin(request)
        await self._visits.end(request.cookies.get(COOKIE, ""))
        answer = web.HTTPSeeOther(path_to(PATH))
        forget(answer)
        raise answer

    async def list(self, request: web.Request) -> Page:
        """List the reader's subscriptions."""
        return await self._list(request, await self._visits.by_link(request.match_info["token"]))

    async def _list(self, request: web.Request, visit: Visit) -> Page:
        rows = await self._subscriptions.all(visit.owner)
        return Page(
            "my_list.html",
            {"visit": visit, "rows": rows, "when": schedule_phrase, "done": request.query.get("done", "")},
        )

    async def show(self, request: web.Request) -> Page:
        """Show one subscription."""
        visit, row = await self._read(request)
        return await self._page(visit, row, done=request.query.get("done", ""))

    async def act(self, request: web.Request) -> Page:
        """Change one subscription, and redirect to the page that shows the result."""
        visit, row = await self._read(request)
        action = request.match_info["action"]
        try:
            if action == "test":
                await self._count_test(request, row)
            done = await self._subscriptions.act(row, action, await read_form(request))
        except KeyError as error:
            raise web.HTTPNotFound from error
        except PermanentError as error:
            return await self._page(visit, row, problem=str(error))
        address = visit.home if action == "delete" else visit.page(row.subscription.id)
        raise web.HTTPSeeOther(f"{address}?{urlencode({'done': done})}")

    async def _count_test(self, request: web.Request, row: Row) -> None:
        try:
            await self._limits.test(request, row.owner, row.subscription.channel)
        except Problem as problem:
            raise PermanentError(str(problem)) from problem

    async def _read(self, request: web.Request) -> tuple[Visit, Row]:
        visit = await self._visits.of(request, request.match_info["token"])
        row = await self._subscriptions.one(visit.owner, request.match_info["id"].lower())
        if row is None:
            raise LinkError("This subscription does not exist, or is not yours.")
        return visit, row

    async def _page(self, visit: Visit, row: Row, *, done: str = "", problem: str | None = None) -> Page:
        one = row.subscription
        context = {
            "visit": visit,
            "one": one,
            "is_sent": one.channel.transport is not None,
            "lines": subscription_lines(one),
            "when": schedule_phrase(one.schedule),
            "preview": await self._subscriptions.preview(visit.owner, one),
            "deliveries": await self._subscriptions.log(one),
            "done": done,
            "problem": problem,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return Page("my_subscription.html", context, status, scripts=True)


def _signed_in(token: str) -> web.HTTPSeeOther:
    answer = web.HTTPSeeOther(path_to(PATH))
    remember(answer, token)
    return answer
