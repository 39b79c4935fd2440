"""Indexed papers in, deliveries out."""

from collections.abc import Callable, Sequence

from services.notifier.alerts.kept_matches import KeptMatches
from services.notifier.alerts.planner import AlertPlanner, PlannedAlert
from services.notifier.channels.registry import is_sent
from services.notifier.delivery.deliveries import Deliveries, key_of
from services.notifier.subscription.match_keys import match_key
from shared.bus import Entry, Hop
from shared.papers.events import PaperIndexed

Indexed = Sequence[Entry[PaperIndexed]]


class Notifying:
    """Writes a delivery for every match, or keeps it for a digest or a feed.

    A webhook that fails later is never a pending entry of the stream.
    """

    def __init__(
        self, planner: AlertPlanner, deliveries: Deliveries, kept_matches: KeptMatches, wake: Callable[[], None]
    ) -> None:
        """`wake` makes the deliveries start."""
        self._planner = planner
        self._deliveries = deliveries
        self._kept_matches = kept_matches
        self._wake = wake

    async def notify(self, entries: Indexed, hop: Hop) -> None:
        """Match a batch. Seeing it again writes nothing twice: a delivery's id says what it is about."""
        events = []
        for entry in entries:
            if objection := self._planner.objection(entry.event):
                hop.reject(entry, objection)
            else:
                events.append(entry.event)
        alerts = await self._planner.alerts(events) if events else []
        sent = await hop.read([key_of(alert.record.id) for alert in alerts])
        kept = await hop.read([match_key(alert.record.id) for alert in alerts])
        for alert, *known in zip(alerts, sent, kept, strict=True):
            if known == [None, None]:
                self._write(hop, alert)
        hop.then(self._wake)

    def _write(self, hop: Hop, alert: PlannedAlert) -> None:
        """Write what a match leads to: by whom it goes at once, and who is told later or comes by."""
        if not is_sent(alert.channel):
            self._kept_matches.keep(hop.write, alert)
        elif isinstance(alert.schedule, str):
            self._deliveries.add(hop.write, alert.record, alert.body, alert.channel)
            for subscription in alert.also:
                self._deliveries.show(hop.write, alert.record, subscription)
        else:
            self._kept_matches.keep(hop.write, alert)
            self._kept_matches.gather(hop.write, alert, alert.schedule)
        self._kept_matches.show(hop.write, alert)
