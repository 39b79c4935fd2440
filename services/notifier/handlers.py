"""Indexed papers in, deliveries out."""

from collections.abc import Callable, Sequence

from services.notifier.deliveries import Deliveries, key_of
from services.notifier.matcher import Matcher
from shared.bus import Entry, Hop
from shared.events import PaperIndexed

Indexed = Sequence[Entry[PaperIndexed]]


class Notifying:
    """Writes a delivery for every match. A webhook that fails later is never a pending entry of the stream."""

    def __init__(self, matcher: Matcher, deliveries: Deliveries, wake: Callable[[], None]) -> None:
        """`wake` makes the deliveries start."""
        self._matcher = matcher
        self._deliveries = deliveries
        self._wake = wake

    async def notify(self, entries: Indexed, hop: Hop) -> None:
        """Match a batch. Seeing it again writes nothing twice: a delivery's id says what it is about."""
        events = []
        for entry in entries:
            if objection := self._matcher.objection(entry.event):
                hop.reject(entry, objection)
            else:
                events.append(entry.event)
        alerts = await self._matcher.alerts(events) if events else []
        known = await hop.read([key_of(alert.record.id) for alert in alerts])
        for alert, present in zip(alerts, known, strict=True):
            if present is None:
                self._deliveries.add(hop.write, alert.record, alert.body, alert.channel)
        hop.then(self._wake)
