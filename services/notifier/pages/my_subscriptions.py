"""The actions of readers on their own subscriptions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from services.notifier.delivery.history import DeliveryView, History
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import Status, Subscription, SubscriptionPatch
from services.notifier.subscription.store import Row
from shared.errors import PermanentError

MAX_LISTED: Final = 200
"""Subscriptions that the page lists; the API has all."""
MAX_DELIVERIES: Final = 20
"""Deliveries that the page of a subscription lists; the API has all."""
MAX_ALERTS: Final = 10
"""Alerts that the preview of a subscription lists."""


class MySubscriptions:
    """Reads and changes the subscriptions of an owner; those of another owner do not exist."""

    def __init__(self, subscriptions: Subscriptions, history: History, previews: Previews) -> None:
        self._subscriptions = subscriptions
        self._history = history
        self._previews = previews
        self._acts: Mapping[str, Callable[[Row, Mapping[str, str]], Awaitable[str]]] = {
            "pause": self._pause, "resume": self._resume, "delete": self._delete, "test": self._test,
            "threshold": self._threshold, "volume": self._volume, "redeliver": self._redeliver,
        }  # fmt: skip

    async def all(self, owner: str) -> list[Subscription]:
        """Return the subscriptions, oldest first."""
        return (await self._subscriptions.page(owner, 0, MAX_LISTED))[0]

    async def one(self, owner: str, subscription: str) -> Row | None:
        """Return one subscription, or None if the owner has no such one."""
        return await self._subscriptions.get(owner, subscription)

    async def preview(self, owner: str, one: Subscription) -> Preview | None:
        """Return the alerts that a subscription would have sent lately, or None if that cannot be told.

        Raises as `Previews.of`.
        """
        if one.cites:
            return None
        kept = set(PreviewRequest.model_fields) | {"not"}
        fields = {name: value for name, value in one.model_dump(by_alias=True).items() if name in kept}
        asked = fields | {"channel": None, "schedule": "instant", "limit": MAX_ALERTS}
        return await self._previews.of(PreviewRequest.model_validate(asked), owner)

    async def log(self, one: Subscription) -> list[DeliveryView]:
        """Return the last deliveries, newest first."""
        page = await self._history.page(one.id, None, MAX_DELIVERIES)
        return page[0] if page else []

    async def act(self, row: Row, name: str, form: Mapping[str, str]) -> str:
        """Perform the action of a name, and return a sentence about what was done.

        Raises:
            PermanentError: it cannot be done; the text says why.
            KeyError: there is no action of this name.

        """
        return await self._acts[name](row, form)

    async def _pause(self, row: Row, _: Mapping[str, str]) -> str:
        await self._subscriptions.set_status(row.subscription.id, Status.PAUSED)
        return "Paused. Nothing is sent until you resume it."

    async def _resume(self, row: Row, _: Mapping[str, str]) -> str:
        changed = await self._subscriptions.resume(row)
        if changed and not changed.active:
            raise PermanentError("The address has to confirm first: open the link in the message that was sent to it.")
        held = await self._history.resume(changed) if changed else 0
        return f"Resumed. {held} held alerts are being sent." if held else "Resumed."

    async def _delete(self, row: Row, form: Mapping[str, str]) -> str:
        if form.get("sure") != "yes":
            raise PermanentError("Check the box first: a deleted subscription cannot be restored.")
        await self._subscriptions.remove(row)
        return f"“{row.subscription.name}” was deleted."

    async def _test(self, row: Row, _: Mapping[str, str]) -> str:
        if not row.subscription.active:
            raise PermanentError("Resume the subscription first: nothing is sent while it is paused.")
        if row.subscription.channel.transport is None:
            raise PermanentError("Nothing is sent to a feed. Open its address instead.")
        view = await self._history.test(row.owner, row.subscription)
        last = view.log[-1] if view.log else None
        what = (
            (last.error or f"the endpoint answered {last.status} in {last.latency_ms:.0f} ms")
            if last
            else "no answer yet"
        )
        return f"Sample alert: {view.state.value}, {what}."

    async def _threshold(self, row: Row, form: Mapping[str, str]) -> str:
        threshold = _number(form.get("threshold", ""), 0, 1)
        await self._subscriptions.patch(row.subscription.id, SubscriptionPatch(sensitivity=threshold))
        return f"The threshold is now {threshold:g}."

    async def _volume(self, row: Row, form: Mapping[str, str]) -> str:
        wanted = _number(form.get("per_week", ""), 0.1, 1_000)
        patch = SubscriptionPatch.model_validate({"sensitivity": {"per_week": wanted}})
        changed = await self._subscriptions.patch(row.subscription.id, patch)
        threshold = changed.threshold if changed else 0.0
        return (
            f"Wanted volume: about {wanted:g} a week. The threshold is now {threshold:.2f} and is adjusted once a day."
        )

    async def _redeliver(self, row: Row, form: Mapping[str, str]) -> str:
        record = await self._history.get(row.owner, form.get("delivery", ""))
        if record is None or record.subscription != row.subscription.id:
            raise PermanentError("This delivery does not exist.")
        if await self._history.redeliver(record, row.subscription.channel) is None:
            raise PermanentError("The body of this delivery is no longer stored.")
        return "The delivery is being sent again."


def _number(text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise PermanentError(f"Enter a number from {least:g} to {most:g}.") from error
    if not least <= value <= most:  # a NaN is within nothing
        raise PermanentError(f"Enter a number from {least:g} to {most:g}.")
    return value
