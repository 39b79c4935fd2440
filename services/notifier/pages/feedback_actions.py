"""What the links of an alert do: more like this, not this, mute, pause, resume, undo, manage."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.notifier.matching.indexed_papers import IndexedPaper, IndexedPapers
from services.notifier.pages.link_pages import LinkAction
from services.notifier.pages.page import Form, Notice
from services.notifier.pages.sentences import feedback_line, subscription_lines
from services.notifier.pages.visits import Visits
from services.notifier.secrets.revoked_links import RevokedLinks
from services.notifier.secrets.signed_links import Action, Claim, LinkError, make
from services.notifier.subscribing.feedback import Feedback
from services.notifier.subscribing.relevance import Entry, Kind
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import Status, Subscription
from services.notifier.subscription.store import Row, Store

SendHeld = Callable[[Subscription], Awaitable[object]]
MAX_FEEDBACK: Final = 20
"""Rows of feedback that the page of a subscription lists; the API has all."""


@dataclass(frozen=True, slots=True)
class LinkContext:
    """What link actions work with: `key` signs links, `send_held` sends what was held while paused."""

    key: bytes
    store: Store
    subscriptions: Subscriptions
    papers: IndexedPapers
    feedback: Feedback
    send_held: SendHeld

    async def subscription(self, claim: Claim) -> Subscription:
        """Read the subscription of a link; raises LinkError if it was deleted."""
        return (await self.row(claim)).subscription

    async def row(self, claim: Claim) -> Row:
        """Read the row of a link; raises LinkError if it was deleted, or its API key was revoked."""
        row = await self.store.live(claim.subscription)
        if row is None:
            raise LinkError("The subscription has ended, so there is nothing to change.")
        return row

    async def paper(self, claim: Claim) -> IndexedPaper:
        """Read the paper of a link; raises LinkError if it is no longer indexed."""
        found = await self.papers.one(claim.about)
        if found is None:
            raise LinkError("The paper is no longer in the index.")
        return found

    def token(self, claim: Claim, action: Action, about: str | None = None) -> str:
        """Return a token for another action on the same subscription, with the same expiry."""
        return make(self.key, replace(claim, action=action, about=claim.about if about is None else about))

    def manage(self, claim: Claim) -> tuple[tuple[str, str], ...]:
        """Return the link to the page of the subscription."""
        return (("Manage this subscription", self.token(claim, Action.MANAGE)),)


class MoreOrLess:
    """Moves the interest towards a paper or away from it."""

    def __init__(self, context: LinkContext, kind: Kind) -> None:
        self._context = context
        self._kind = kind
        self._label = "More like this" if kind is Kind.MORE else "Not this"

    async def ask(self, claim: Claim) -> Notice:
        """Show the paper and the effect."""
        context, paper = self._context, (await self._context.paper(claim)).paper
        name = (await context.subscription(claim)).name
        effect = "more papers like this one" if self._kind is Kind.MORE else "fewer papers like this one"
        lines = (f"“{paper.title}”", f"“{name}” will match {effect}. You can undo this at any time.")
        form = Form(self._label, context.token(claim, claim.action))
        return Notice(f"{self._label}?", lines, (form,), links=context.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Move the interest."""
        await self._context.subscription(claim)
        entry = await self._context.feedback.give(claim.subscription, self._kind, claim.about)
        return _saved(self._context, claim, entry)


class Mute:
    """Mutes an author of the paper."""

    def __init__(self, context: LinkContext) -> None:
        self._context = context

    async def ask(self, claim: Claim) -> Notice:
        """Show the authors to choose from."""
        context, paper = self._context, (await self._context.paper(claim)).paper
        name = (await context.subscription(claim)).name
        choices = tuple((author.name, author.name) for author in paper.authors)
        if not choices:
            raise LinkError("The paper has no authors to mute.")
        lines = (f"“{paper.title}”", f"“{name}” will no longer send papers of the author you mute. You can undo this.")
        form = Form("Mute this author", context.token(claim, claim.action), "author", choices)
        return Notice("Mute an author?", lines, (form,), links=context.manage(claim))

    async def act(self, claim: Claim, form: Mapping[str, str]) -> Notice:
        """Mute the chosen author."""
        await self._context.subscription(claim)
        author = form.get("author", "")
        if author not in {one.name for one in (await self._context.paper(claim)).paper.authors}:
            raise LinkError("Choose one of the authors of the paper.")
        return _saved(self._context, claim, await self._context.feedback.give(claim.subscription, Kind.MUTE, author))


class PauseOrResume:
    """Pauses the subscription, or resumes it."""

    def __init__(self, context: LinkContext, status: Status) -> None:
        self._context = context
        self._status = status
        self._label = "Pause" if status is Status.PAUSED else "Resume"

    async def ask(self, claim: Claim) -> Notice:
        """Show the subscription."""
        name = (await self._context.subscription(claim)).name
        form = Form(self._label, self._context.token(claim, claim.action))
        return Notice(f"{self._label} “{name}”?", (), (form,), links=self._context.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Change the status; resuming also sends what was held."""
        context, row = self._context, await self._context.row(claim)
        present = row.subscription
        if self._status is Status.ACTIVE:
            changed = await context.subscriptions.resume(row) or present
            if not changed.active:
                raise LinkError("The address has not confirmed this subscription. Open the link in the message to it.")
            await context.send_held(changed)
            return Notice(f"“{present.name}” is active again", links=context.manage(claim))
        await context.subscriptions.set_status(present.id, self._status)
        form = Form("Resume", context.token(claim, Action.RESUME))
        return Notice(f"“{present.name}” is paused", ("Nothing is sent until you resume it.",), (form,))


class Undo:
    """Undoes feedback, whose id the link is about."""

    def __init__(self, context: LinkContext) -> None:
        self._context = context

    async def ask(self, claim: Claim) -> Notice:
        """Show the feedback."""
        await self._context.subscription(claim)
        log = await self._context.feedback.log(claim.subscription)
        entry = _found(next((one for one in log if one.id == claim.about), None))
        form = Form("Undo", self._context.token(claim, Action.UNDO))
        return Notice("Undo this feedback?", (feedback_line(entry),), (form,), links=self._context.manage(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Undo the feedback."""
        await self._context.subscription(claim)
        entry = _found(await self._context.feedback.undo(claim.subscription, claim.about))
        return Notice("Feedback undone", (feedback_line(entry),), links=self._context.manage(claim))


class RevokeLinks:
    """Revokes the links of the message that the link is from, but for the one to unsubscribe."""

    def __init__(self, context: LinkContext, revoked: RevokedLinks, visits: Visits) -> None:
        """`visits` ends the sessions that began with a link."""
        self._context = context
        self._revoked = revoked
        self._visits = visits

    async def ask(self, claim: Claim) -> Notice:
        """Show the effect."""
        await self._context.subscription(claim)
        lines = ("Whoever has this message can no longer use its links. Other messages keep theirs.",)
        return Notice(
            "Revoke the links of this message?", lines, (Form("Revoke", self._context.token(claim, claim.action)),)
        )

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Revoke the links, and the pages that were opened by them."""
        row = await self._context.row(claim)
        for subject in (claim.subscription, row.owner):
            await self._revoked.add(replace(claim, subscription=subject))
        await self._visits.end_by_mail(claim, row)
        return Notice("The links are revoked", ("Use the link of another message from now on.",))


class Manage:
    """Shows a subscription: its conditions, its state, and its feedback, each with a button to undo."""

    def __init__(self, context: LinkContext, visits: Visits) -> None:
        """`visits` lets a reader see all subscriptions of the address that the link was mailed to."""
        self._context = context
        self._visits = visits

    async def ask(self, claim: Claim) -> Notice:
        """Show the subscription."""
        context, one = self._context, await self._context.subscription(claim)
        log = [entry for entry in await context.feedback.log(one.id) if not entry.undone][:MAX_FEEDBACK]
        rows = tuple((feedback_line(e), Form("Undo", context.token(claim, Action.UNDO, e.id))) for e in log)
        action = Action.PAUSE if one.active else Action.RESUME
        form = Form("Pause" if one.active else "Resume", context.token(claim, action))
        revoke = Form("Revoke the links of this message", context.token(claim, Action.REVOKE))
        return Notice(one.name, tuple(subscription_lines(one)), (form, revoke), rows, await self._links(claim))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Show the subscription: its buttons have links of their own."""
        return await self.ask(claim)

    async def _links(self, claim: Claim) -> tuple[tuple[str, str], ...]:
        visit = self._visits.link(claim, await self._context.row(claim))
        if visit is None:
            return ()
        return (
            ("Change how many papers it sends", visit.page(claim.subscription)),
            ("All my subscriptions", visit.home),
        )


def feedback_actions(context: LinkContext, visits: Visits) -> dict[Action, LinkAction]:
    """Return the action of each link of an alert."""
    return {
        Action.MORE: MoreOrLess(context, Kind.MORE),
        Action.LESS: MoreOrLess(context, Kind.LESS),
        Action.MUTE: Mute(context),
        Action.PAUSE: PauseOrResume(context, Status.PAUSED),
        Action.RESUME: PauseOrResume(context, Status.ACTIVE),
        Action.UNDO: Undo(context),
        Action.MANAGE: Manage(context, visits),
    }


def _found(entry: Entry | None) -> Entry:
    if entry is None:
        raise LinkError("There is no feedback to undo.")
    return entry


def _saved(context: LinkContext, claim: Claim, entry: Entry) -> Notice:
    undo = Form("Undo", context.token(claim, Action.UNDO, entry.id))
    return Notice("Feedback saved", (feedback_line(entry),), (undo,), links=context.manage(claim))
