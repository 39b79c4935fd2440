"""The handler of indexed papers: it writes the deliveries and kept matches that they lead to."""

from collections.abc import Callable, Sequence

from services.notifier.alerts.planner import AlertPlanner, KeptMatches, PlannedAlert, match_key
from services.notifier.delivery.deliveries import Deliveries, key_of
from shared.bus import Entry, Hop
from shared.papers.events import PaperIndexed

Indexed = Sequence[Entry[PaperIndexed]]


class IndexedHandler:
    """Write a delivery for every match, or keep the match for a digest or a feed.

    An entry is acknowledged once its deliveries are written. A delivery that fails later is no pending entry.
    """

    def __init__(
        self, planner: AlertPlanner, deliveries: Deliveries, kept_matches: KeptMatches, wake: Callable[[], None]
    ) -> None:
        """Take what plans and stores alerts; `wake` starts the deliveries."""
        self._planner = planner
        self._deliveries = deliveries
        self._kept_matches = kept_matches
        self._wake = wake

    async def notify(self, entries: Indexed, hop: Hop) -> None:
        """Match a batch of entries. A repeated entry writes nothing twice, as ids are derived from the match."""
        valid = []
        for entry in entries:
            if reason := self._planner.rejection(entry.event):
                hop.reject(entry, reason)
            else:
                valid.append(entry)
        alerts = await self._planner.plan(valid) if valid else []
        sent = await hop.read([key_of(alert.record.id) for alert in alerts])
        kept = await hop.read([match_key(alert.record.id) for alert in alerts])
        for alert, *known in zip(alerts, sent, kept, strict=True):
            if known == [None, None]:
                self._write(hop, alert)
        hop.then(self._wake)

    def _write(self, hop: Hop, alert: PlannedAlert) -> None:
        """Write an alert: as a delivery now, as a match that waits for a digest, or as a match for a feed."""
        if alert.channel.transport is None:
            self._kept_matches.keep(hop.write, alert)
        elif isinstance(alert.schedule, str):
            self._deliveries.add(hop.write, alert.record, alert.body, alert.channel)
            for subscription in alert.also:
                self._deliveries.list_for(hop.write, alert.record, subscription)
        else:
            self._kept_matches.keep(hop.write, alert)
            self._kept_matches.gather(hop.write, alert, alert.schedule)
        self._kept_matches.list_in_feeds(hop.write, alert)
