"""The routes of feedback for programs; readers use the links in their alerts."""

from typing import Annotated, Self

from aiohttp import web
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier.access.guards import ID_SEGMENT, OWNER, refuse_with_422, require_found
from services.notifier.fields.text import PaperId, Words
from services.notifier.subscribing.feedback import Feedback
from services.notifier.subscribing.relevance import Entry, Kind
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.http import Api, Problem
from shared.http.api import Body
from shared.papers.paper import Model

_LOG = f"/v1/subscriptions/{ID_SEGMENT}/feedback"


class NewFeedback(Body):
    """Feedback: `more` and `less` of a paper, `mute` of an author."""

    kind: Kind
    paper: Annotated[PaperId | None, Field(description="any of its ids")] = None
    author: Words | None = None

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        about, other = (self.author, self.paper) if self.kind is Kind.MUTE else (self.paper, self.author)
        if about is None or other is not None:
            raise PydanticCustomError("feedback", "more and less need paper; mute needs author")
        return self


class FeedbackLog(Model):
    """Feedback of a subscription, newest first."""

    feedback: tuple[Entry, ...]


class FeedbackApi:
    """The operations."""

    def __init__(self, subscriptions: Subscriptions, feedback: Feedback) -> None:
        self._subscriptions = subscriptions
        self._feedback = feedback

    async def list_feedback(self, request: web.Request) -> FeedbackLog:
        """List the feedback of a subscription, given by links or by the API."""
        return FeedbackLog(feedback=tuple(await self._feedback.log(await self._id(request))))

    async def give_feedback(self, request: web.Request, new: NewFeedback) -> Entry:
        """Move the interest towards a paper or away from it, or mute an author."""
        about = new.author if new.kind is Kind.MUTE else new.paper
        return await refuse_with_422(self._feedback.give(await self._id(request), new.kind, about or ""))

    async def undo_feedback(self, request: web.Request) -> Entry:
        """Undo feedback; the log keeps the entry as undone."""
        entry = await refuse_with_422(self._feedback.undo(await self._id(request), request.match_info["entry"]))
        if entry is None:
            raise Problem(404, "This feedback does not exist.")
        return entry

    async def _id(self, request: web.Request) -> str:
        row = require_found(await self._subscriptions.get(request[OWNER], request.match_info["id"].lower()))
        return row.subscription.id


def feedback_routes(api: Api, do: FeedbackApi) -> None:
    """Add the routes to those of the notifier."""
    api.route("GET", _LOG, summary="List feedback", response=FeedbackLog, secured=True)(do.list_feedback)
    api.route("POST", _LOG, summary="Give feedback", response=Entry, body=NewFeedback, status=201, secured=True)(
        do.give_feedback
    )
    undo = f"{_LOG}/{{entry:[0-9a-f]{{16}}}}/undo"
    api.route("POST", undo, summary="Undo feedback", response=Entry, secured=True)(do.undo_feedback)
