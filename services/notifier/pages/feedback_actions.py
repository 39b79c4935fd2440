"""What the links of an alert show and do: more like this, not this, mute, pause, undo, manage."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.notifier.matching.indexed_papers import IndexedPapers, Known
from services.notifier.pages.my_subscriptions import Door
from services.notifier.pages.page import Form, Page, Shower
from services.notifier.pages.sentences import said, wants
from services.notifier.secrets.signed_links import Action, Claim, LinkError, make
from services.notifier.subscribing.feedback import Feedback
from services.notifier.subscribing.relevance import Entry, Kind
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import Status, Subscription
from services.notifier.subscription.store import Store

Resumed = Callable[[Subscription], Awaitable[object]]
SHOWN: Final = 20
"""Rows of the log on the page; the API has all."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages work with. `resumed` sends on what was held back."""

    key: bytes
    store: Store
    subscriptions: Subscriptions
    papers: IndexedPapers
    feedback: Feedback
    resumed: Resumed

    async def subscription(self, claim: Claim) -> Subscription:
        """Read the subscription of a link."""
        row = (await self.store.several([claim.subscription]))[0]
        if row is None:
            raise LinkError("The subscription has ended: there is nothing left to change.")
        return row.subscription

    async def paper(self, claim: Claim) -> Known:
        """Read the paper of a link."""
        found = await self.papers.one(claim.about)
        if found is None:
            raise LinkError("The paper is not in the index any more.")
        return found

    def token(self, claim: Claim, action: Action, about: str | None = None) -> str:
        """Make a token for another action on the same subscription, good for as long."""
        return make(self.key, replace(claim, action=action, about=claim.about if about is None else about))

    def manage(self, claim: Claim) -> tuple[tuple[str, str], ...]:
        """Link to the page of the subscription."""
        return (("Manage this subscription", self.token(claim, Action.MANAGE)),)


class MoreOrLess:
    """More like this paper, or not this."""

    def __init__(self, desk: Desk, kind: Kind) -> None:
        self._desk = desk
        self._kind = kind
        self._words = "More like this" if kind is Kind.MORE else "Not this"

    async def show(self, claim: Claim) -> Page:
        """Ask."""
        name, paper = (await self._desk.subscription(claim)).name, (await self._desk.paper(claim)).paper
        where = "towards" if self._kind is Kind.MORE else "away from"
        lines = (f"“{paper.title}”", f"“{name}” will move {where} this paper. You can undo it at any time.")
        form = Form(self._words, self._desk.token(claim, claim.action))
        return Page(f"{self._words}?", lines, (form,), links=self._desk.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """Move the interest."""
        await self._desk.subscription(claim)
        return _given(self._desk, claim, await self._desk.feedback.give(claim.subscription, self._kind, claim.about))


class Mute:
    """Mute an author of the paper."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, claim: Claim) -> Page:
        """Ask which one."""
        name, paper = (await self._desk.subscription(claim)).name, (await self._desk.paper(claim)).paper
        choices = tuple((author.name, author.name) for author in paper.authors)
        if not choices:
            raise LinkError("The paper names no authors.")
        lines = (f"“{paper.title}”", f"“{name}” will not tell of papers of the author you mute. You can undo it.")
        form = Form("Mute this author", self._desk.token(claim, claim.action), "author", choices)
        return Page("Mute an author?", lines, (form,), links=self._desk.manage(claim))

    async def act(self, claim: Claim, form: Mapping[str, str]) -> Page:
        """Mute the one who was chosen."""
        await self._desk.subscription(claim)
        author = form.get("author", "")
        if author not in {one.name for one in (await self._desk.paper(claim)).paper.authors}:
            raise LinkError("Choose one of the authors of the paper.")
        return _given(self._desk, claim, await self._desk.feedback.give(claim.subscription, Kind.MUTE, author))


class PauseOrResume:
    """Pause the subscription, or resume it."""

    def __init__(self, desk: Desk, status: Status) -> None:
        self._desk = desk
        self._status = status
        self._words = "Pause" if status is Status.PAUSED else "Resume"

    async def show(self, claim: Claim) -> Page:
        """Ask."""
        name = (await self._desk.subscription(claim)).name
        form = Form(self._words, self._desk.token(claim, claim.action))
        return Page(f"{self._words} “{name}”?", (), (form,), links=self._desk.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """Do it; what was held back while it was paused is sent when it goes on."""
        present = await self._desk.subscription(claim)
        changed = await self._desk.subscriptions.set_status(present.id, self._status) or present
        if self._status is Status.ACTIVE:
            await self._desk.resumed(changed)
            return Page(f"“{present.name}” goes on", links=self._desk.manage(claim))
        form = Form("Resume", self._desk.token(claim, Action.RESUME))
        return Page(f"“{present.name}” is paused", ("Nothing is sent until it is resumed.",), (form,))


class Undo:
    """Undo feedback: the link is about its id."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, claim: Claim) -> Page:
        """Ask."""
        await self._desk.subscription(claim)
        entry = next((one for one in await self._desk.feedback.log(claim.subscription) if one.id == claim.about), None)
        if entry is None:
            raise LinkError("There is nothing to undo.")
        form = Form("Undo", self._desk.token(claim, Action.UNDO))
        return Page("Undo?", (said(entry),), (form,), links=self._desk.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """Take it back."""
        await self._desk.subscription(claim)
        entry = await self._desk.feedback.undo(claim.subscription, claim.about)
        if entry is None:
            raise LinkError("There is nothing to undo.")
        return Page("Undone", (said(entry),), links=self._desk.manage(claim))


class Manage:
    """The page of a subscription: what it wants, how it is, what was said, each with its undo."""

    def __init__(self, desk: Desk, door: Door) -> None:
        """`door` lets a reader whose mail this came in see all that is theirs."""
        self._desk = desk
        self._door = door

    async def show(self, claim: Claim) -> Page:
        """Show it."""
        one = await self._desk.subscription(claim)
        log = [entry for entry in await self._desk.feedback.log(one.id) if not entry.undone][:SHOWN]
        rows = tuple((said(e), Form("Undo", self._desk.token(claim, Action.UNDO, e.id))) for e in log)
        action = Action.PAUSE if one.active else Action.RESUME
        form = Form("Pause" if one.active else "Resume", self._desk.token(claim, action))
        row = (await self._desk.store.several([one.id]))[0]
        visit = self._door.by_mail(claim, row) if row else None
        links = (
            (("Change how many it sends", visit.page(one.id)), ("All my subscriptions", visit.home)) if visit else ()
        )
        return Page(one.name, tuple(wants(one)), (form,), rows, links)

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """Show it: its buttons act by links of their own."""
        return await self.show(claim)


def _given(desk: Desk, claim: Claim, entry: Entry) -> Page:
    undo = Form("Undo", desk.token(claim, Action.UNDO, entry.id))
    return Page("Noted", (said(entry),), (undo,), links=desk.manage(claim))


def showers(desk: Desk, door: Door) -> dict[Action, Shower]:
    """Give what stands behind each action of an alert's links."""
    return {
        Action.MORE: MoreOrLess(desk, Kind.MORE),
        Action.LESS: MoreOrLess(desk, Kind.LESS),
        Action.MUTE: Mute(desk),
        Action.PAUSE: PauseOrResume(desk, Status.PAUSED),
        Action.RESUME: PauseOrResume(desk, Status.ACTIVE),
        Action.UNDO: Undo(desk),
        Action.MANAGE: Manage(desk, door),
    }
