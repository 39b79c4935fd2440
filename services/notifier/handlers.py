"""Indexed papers in, deliveries out."""

from collections.abc import Callable, Sequence

from services.notifier.alerts.kept_matches import Gathering
from services.notifier.alerts.planner import Alert, Matcher
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
        self, matcher: Matcher, deliveries: Deliveries, gathering: Gathering, wake: Callable[[], None]
    ) -> None:
        """`wake` makes the deliveries start."""
        self._matcher = matcher
        self._deliveries = deliveries
        self._gathering = gathering
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
        sent = await hop.read([key_of(alert.record.id) for alert in alerts])
        kept = await hop.read([match_key(alert.record.id) for alert in alerts])
        for alert, *known in zip(alerts, sent, kept, strict=True):
            if known == [None, None]:
                self._write(hop, alert)
        hop.then(self._wake)

    def _write(self, hop: Hop, alert: Alert) -> None:
        """Write what a match leads to: by whom it goes at once, and who is told later or comes by."""
        if not is_sent(alert.channel):
            self._gathering.keep(hop.write, alert)
        elif isinstance(alert.schedule, str):
            self._deliveries.add(hop.write, alert.record, alert.body, alert.channel)
            for subscription in alert.also:
                self._deliveries.show(hop.write, alert.record, subscription)
        else:
            self._gathering.keep(hop.write, alert)
            self._gathering.gather(hop.write, alert, alert.schedule)
        self._gathering.show(hop.write, alert)
