"""The pages of a reader's own subscriptions: /my, with a cookie or to sign in, and signed addresses below it."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.access.guards import ID_SEGMENT
from services.notifier.access.send_limits import SendLimits
from services.notifier.channels.definition import Transport
from services.notifier.pages.my_papers import own_path
from services.notifier.pages.my_reading import MyReading
from services.notifier.pages.my_subscriptions import MySubscriptions
from services.notifier.pages.page import Page, answered, read_form
from services.notifier.pages.sentences import channel_phrase, subscription_lines
from services.notifier.pages.visits import PATH, TOKEN, Visit, Visits, check_origin, forget, remember
from services.notifier.secrets.feed_tokens import FeedTokens
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


class MyPages:
    """Answers the pages."""

    def __init__(
        self,
        quotas: ClientQuotas,
        visits: Visits,
        subscriptions: MySubscriptions,
        reading: MyReading,
        limits: SendLimits,
        feeds: FeedTokens,
    ) -> None:
        self._feeds = feeds
        self._limits = limits
        self._reading = reading
        self._quotas = quotas
        self._visits = visits
        self._subscriptions = subscriptions

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        one = f"{PATH}/{TOKEN}/{ID_SEGMENT}"
        return [
            web.get(PATH, answered(self.form)),
            web.post(PATH, answered(self.sign_in)),
            web.post(f"{PATH}/sign-out", answered(self.sign_out)),
            *self._reading.routes(),
            web.get(f"{PATH}/{TOKEN}", answered(self.list)),
            web.post(f"{PATH}/{TOKEN}", answered(self.sign_in_by_link)),
            web.get(one, answered(self.show)),
            web.post(one + "/{action:[a-z]+}", answered(self.act)),
        ]

    async def form(self, request: web.Request) -> Page:
        """Show what is the reader's, or the form to sign in."""
        visit = await self._visits.by_cookie(request)
        return await self._list(request, visit) if visit else _door(_back(request.query.get("back")))

    async def sign_in(self, request: web.Request) -> Page:
        """Start a session with an API key."""
        check_origin(request)
        if not await self._quotas.take(request, "my:sign_ins", _SIGN_INS):
            problem = "Too many attempts. Try again in ten minutes."
            return _door(None, problem, HTTPStatus.TOO_MANY_REQUESTS)
        form = await read_form(request)
        token, back = await self._visits.start_by_key(form.get("key", "")), _back(form.get("back"))
        if token is None:
            problem = "This is not an API key of this instance. Create one with “paperwire keys create”."
            return _door(back, problem, HTTPStatus.FORBIDDEN)
        raise _signed_in(token, back)

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
        shown = {"visit": visit, "rows": rows, "when": schedule_phrase, "channel_of": channel_phrase}
        reading = {} if visit.signed else await self._reading.context(visit.owner, request)
        return Page("my_list.html", {**shown, **reading, "done": request.query.get("done", "")})

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
        raise web.HTTPSeeOther(visit.done(done, None if action == "delete" else row.subscription.id))

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
            "is_signed": one.channel.transport is Transport.SIGNED,
            "channel": channel_phrase(one),
            "feed": await self._feeds.addresses(one),
            "lines": subscription_lines(one),
            "when": schedule_phrase(one.schedule),
            "preview": await self._subscriptions.preview(visit.owner, one),
            "deliveries": await self._subscriptions.log(one),
            "done": done,
            "problem": problem,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
        return Page("my_subscription.html", context, status, scripts=True)


def _door(back: str | None, problem: str | None = None, status: int = HTTPStatus.OK) -> Page:
    """Return the form to sign in, which leads `back` to a page of this site."""
    return Page("my_sign_in.html", {"problem": problem, "back": back or ""}, status, listed=not (problem or back))


def _back(path: str | None) -> str | None:
    return own_path(path) if path else None


def _signed_in(token: str, back: str | None = None) -> web.HTTPSeeOther:
    answer = web.HTTPSeeOther(back or path_to(PATH))
    remember(answer, token)
    return answer
