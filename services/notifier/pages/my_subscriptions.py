"""What a reader may do with their own subscriptions on a page, and who that reader is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.notifier.access.api_keys import ApiKeys
from services.notifier.channels.registry import is_sent
from services.notifier.delivery.history import DeliveryView, History
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.secrets.signed_links import Action, Claim, LinkError, make, verify
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import Status, Subscription, SubscriptionPatch
from services.notifier.subscription.owners import mail_owner
from services.notifier.subscription.store import Row
from shared.errors import PermanentError

PATH: Final = "/my"
VISIT_S: Final = 12 * 3_600
"""Seconds that a visit with an API key lasts."""
MOST: Final = 200
"""Subscriptions that the page lists; the API has all."""
LOGGED: Final = 20
"""Deliveries that the page of a subscription lists."""
ALERTS: Final = 10


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader whose subscriptions are shown; `token` is the way back to them."""

    owner: str
    token: str

    @property
    def home(self) -> str:
        """Where all their subscriptions are listed."""
        return f"{PATH}/{self.token}"

    def page(self, subscription: str) -> str:
        """Where one of their subscriptions is shown."""
        return f"{self.home}/{subscription}"


class Door:
    """Lets readers in: by API key, or by a link out of a mail. `clock` gives Unix seconds."""

    def __init__(self, key: bytes, keys: ApiKeys, clock: Callable[[], float]) -> None:
        """`key` signs links."""
        self._key = key
        self._keys = keys
        self._clock = clock

    async def enter(self, api_key: str) -> Visit | None:
        """Begin a visit, if the key is one of ours."""
        owner = await self._keys.owner(api_key.strip())
        return self._visit(owner, int(self._clock()) + VISIT_S) if owner else None

    def by_mail(self, claim: Claim, row: Row) -> Visit | None:
        """Begin a visit from a link to manage one subscription, if its address owns that, and so all of its."""
        owner = mail_owner(claim.about)
        return self._visit(owner, claim.expires) if row.owner == owner else None

    async def visit(self, token: str) -> Visit:
        """Go on with a visit.

        Raises:
            LinkError: it is over, or never was.

        """
        claim = verify(self._key, token, self._clock())
        by_key = not claim.subscription.startswith("mail:")
        if claim.action is not Action.SUBSCRIPTIONS or (by_key and not await self._keys.exists(claim.subscription)):
            raise LinkError("This visit is over: enter again.")
        return Visit(claim.subscription, token)

    def _visit(self, owner: str, expires: int) -> Visit:
        return Visit(owner, make(self._key, Claim(Action.SUBSCRIPTIONS, owner, "", expires)))


class Mine:
    """Acts for a reader on what is theirs; what belongs to another one does not exist."""

    def __init__(self, subscriptions: Subscriptions, history: History, previews: Previews) -> None:
        self._subscriptions = subscriptions
        self._history = history
        self._previews = previews
        self._acts: Mapping[str, Callable[[Row, Mapping[str, str]], Awaitable[str]]] = {
            "pause": self._pause, "resume": self._resume, "delete": self._delete, "test": self._test,
            "threshold": self._threshold, "volume": self._volume, "redeliver": self._redeliver,
        }  # fmt: skip

    async def all(self, owner: str) -> list[Subscription]:
        """List the subscriptions, oldest first."""
        return (await self._subscriptions.page(owner, 0, MOST))[0]

    async def one(self, owner: str, subscription: str) -> Row | None:
        """Read one."""
        return await self._subscriptions.get(owner, subscription)

    async def preview(self, one: Subscription) -> Preview:
        """Tell what it would have sent of late; raises as `Previews.of`."""
        kept = set(PreviewRequest.model_fields) | {"not"}
        fields = {name: value for name, value in one.model_dump(by_alias=True).items() if name in kept}
        asked = fields | {"channel": None, "schedule": "instant", "limit": ALERTS}
        return await self._previews.of(PreviewRequest.model_validate(asked))

    async def log(self, one: Subscription) -> list[DeliveryView]:
        """List the last deliveries, newest first."""
        page = await self._history.page(one.id, None, LOGGED)
        return page[0] if page else []

    async def act(self, row: Row, name: str, form: Mapping[str, str]) -> str:
        """Do something and say what was done.

        Raises:
            PermanentError: it cannot be done; the text says why.
            KeyError: nothing has this name.

        """
        return await self._acts[name](row, form)

    async def _pause(self, row: Row, _: Mapping[str, str]) -> str:
        await self._subscriptions.set_status(row.subscription.id, Status.PAUSED)
        return "Paused: nothing is sent until it is resumed."

    async def _resume(self, row: Row, _: Mapping[str, str]) -> str:
        changed = await self._subscriptions.set_status(row.subscription.id, Status.ACTIVE)
        held = await self._history.resume(changed) if changed else 0
        return f"It goes on; {held} alerts that were held back are on their way." if held else "It goes on."

    async def _delete(self, row: Row, form: Mapping[str, str]) -> str:
        if form.get("sure") != "yes":
            raise PermanentError("Tick the box first: what is deleted cannot be brought back.")
        await self._subscriptions.remove(row)
        return f"“{row.subscription.name}” is deleted."

    async def _test(self, row: Row, _: Mapping[str, str]) -> str:
        if not row.subscription.active:
            raise PermanentError("Resume it first: nothing is sent meanwhile.")
        if not is_sent(row.subscription.channel):
            raise PermanentError("Nothing is sent to a feed: open its address.")
        view = await self._history.test(row.owner, row.subscription)
        last = view.log[-1] if view.log else None
        what = (last.error or f"it answered {last.status} in {last.latency_ms:.0f} ms") if last else "no answer yet"
        return f"A sample alert was sent: {view.state.value}, {what}."

    async def _threshold(self, row: Row, form: Mapping[str, str]) -> str:
        threshold = _number(form.get("threshold", ""), 0, 1)
        await self._subscriptions.patch(row.subscription.id, SubscriptionPatch(sensitivity=threshold))
        return f"The threshold is {threshold:g} now."

    async def _volume(self, row: Row, form: Mapping[str, str]) -> str:
        wanted = _number(form.get("per_week", ""), 0.1, 1_000)
        patch = SubscriptionPatch.model_validate({"sensitivity": {"per_week": wanted}})
        changed = await self._subscriptions.patch(row.subscription.id, patch)
        threshold = changed.threshold if changed else 0.0
        return f"About {wanted:g} a week: the threshold is {threshold:.2f} now, and follows slowly."

    async def _redeliver(self, row: Row, form: Mapping[str, str]) -> str:
        record = await self._history.get(row.owner, form.get("delivery", ""))
        if record is None or record.subscription != row.subscription.id:
            raise PermanentError("There is no such delivery.")
        if await self._history.redeliver(record, row.subscription.channel) is None:
            raise PermanentError("What was sent then is no longer kept.")
        return "It is on its way again."


def _number(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise PermanentError(f"Give a number from {least:g} to {most:g}.") from error
    if not least <= value <= most:  # a NaN is within nothing
        raise PermanentError(f"Give a number from {least:g} to {most:g}.")
    return value
