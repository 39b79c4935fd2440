"""The handler of indexed papers: it writes the deliveries, kept matches and checks that they lead to."""

from collections.abc import Callable, Sequence

from redis.asyncio.client import Pipeline

from services.notifier.alerts.condition_checks import ConditionChecks
from services.notifier.alerts.planner import AlertPlanner, KeptMatches, PlannedAlert, check_key, match_key
from services.notifier.delivery.deliveries import Deliveries, key_of
from shared.bus import Entry, Hop
from shared.papers.events import PaperIndexed

Indexed = Sequence[Entry[PaperIndexed]]


class AlertWriter:
    """Write an alert as a delivery now, as a match that waits for a digest, or as a match for a feed."""

    def __init__(self, deliveries: Deliveries, kept_matches: KeptMatches) -> None:
        self._deliveries = deliveries
        self._kept_matches = kept_matches

    def write(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Write an alert."""
        if alert.channel.transport is None:
            self._kept_matches.keep(pipe, alert)
        elif isinstance(alert.schedule, str):
            self._deliveries.add(pipe, alert.record, alert.body, alert.channel)
            for subscription in alert.also:
                self._deliveries.list_for(pipe, alert.record, subscription)
        else:
            self._kept_matches.keep(pipe, alert)
            self._kept_matches.gather(pipe, alert, alert.schedule)
        self._kept_matches.list_in_feeds(pipe, alert)


class IndexedHandler:
    """Write a delivery for every match, or keep the match for a digest or a feed, or until its condition is checked.

    An entry is acknowledged once its deliveries are written. A delivery that fails later is no pending entry.
    """

    def __init__(
        self, planner: AlertPlanner, writer: AlertWriter, checks: ConditionChecks, wake: Callable[[], None]
    ) -> None:
        """Take what plans and writes alerts; `wake` starts the deliveries."""
        self._planner = planner
        self._writer = writer
        self._checks = checks
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
        waiting = await hop.read([check_key(alert.record.id) for alert in alerts])
        for alert, *known in zip(alerts, sent, kept, waiting, strict=True):
            if known == [None, None, None]:
                self.write(hop.write, alert)
        hop.then(self._wake)

    def write(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Write a new alert, which waits if a condition of its subscription is still to be checked."""
        (self._checks.add if alert.only_if else self._writer.write)(pipe, alert)
