"""Mail that came back: suppresses addresses that refuse mail, and those of readers who report it as spam.

A report is believed if it holds a return path of ours. It may be taken twice, or be interrupted: each step has the
effect of once, and the last one notes that the delivery was returned.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import structlog

from services.notifier.channels.email import Email
from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.delivery.disabling import Disabling
from services.notifier.fields.mailbox import identity
from services.notifier.mailing.bounce_report import Failure, IgnoredError, bounded, failure_of, read_report
from services.notifier.mailing.bounces import MAX_SOFT, SuppressedAddresses, refusal
from services.notifier.mailing.failure import Kind, find_status
from services.notifier.mailing.return_path import Token, find_tokens
from services.notifier.subscribing.consents import Consents
from services.notifier.subscription.model import Status
from services.notifier.subscription.owners import BY_KEY, UNCONFIRMED, mail_owner
from services.notifier.subscription.store import Row, Store
from shared.moments import from_unix

_BATCH: Final = 500
_SAID: Final = {
    Kind.SOFT: "the mail came back",
    Kind.HARD: "the mail came back",
    Kind.COMPLAINT: "the reader reported the mail as spam",
}
log = structlog.get_logger("notifier")


class Taken(StrEnum):
    """What came of a message."""

    IGNORED = "ignored"
    COUNTED = "counted"
    SUPPRESSED = "suppressed"


class ReturnedMail:
    """Takes what mail servers and providers report. `clock` returns Unix seconds."""

    def __init__(  # noqa: PLR0913  # its collaborators, by name
        self,
        *,
        store: Store,
        deliveries: Deliveries,
        suppressed: SuppressedAddresses,
        consents: Consents,
        disabling: Disabling,
        key: bytes,
        clock: Callable[[], float],
    ) -> None:
        """`key` is that of links, which also signs return paths."""
        self._store = store
        self._deliveries = deliveries
        self._suppressed = suppressed
        self._consents = consents
        self._disabling = disabling
        self._key = key
        self._clock = clock

    async def take(self, raw: bytes) -> Taken:
        """Take a message; what is no report about mail of ours is ignored, and the log says why."""
        raw = bounded(raw)
        try:
            failures = read_report(raw)
            record, row, address = await self._sent(find_tokens(raw))
            failure = failure_of(failures, address)
            await self._check(record, row, failure)
        except IgnoredError as error:
            log.info("returned mail ignored", reason=str(error))
            return Taken.IGNORED
        return await self._apply(record, row, address, failure)

    async def _sent(self, tokens: list[Token]) -> tuple[Record, Row, str]:
        """Return the delivery that a token proves to be ours, its subscription, and the address it was sent to."""
        for token in tokens:
            record = (await self._deliveries.records([token.delivery]))[0]
            for row in await self._store.several([record.subscription, *record.also]) if record else ():
                address = _address(row)
                if record and row and address and token.proves(self._key, address):
                    return record, row, address
        raise IgnoredError(
            "its return path is forged, or its delivery or address is gone" if tokens else "it has no return path"
        )

    async def _check(self, record: Record, row: Row, failure: Failure) -> None:
        if failure.kind is Kind.NONE:
            raise IgnoredError(f"nothing failed: {failure.text}")
        last, one = await self._deliveries.last_attempt(record.id), row.subscription
        if last and last.returned:
            raise IgnoredError("it was taken before")
        if last and one.active and last.at < one.state.since and failure.kind is not Kind.COMPLAINT:
            raise IgnoredError("it is about mail from before the subscription was confirmed or resumed")

    async def _apply(self, record: Record, row: Row, address: str, failure: Failure) -> Taken:
        said, taken = f"{_SAID[failure.kind]}: {failure.text}", Taken.SUPPRESSED
        if failure.kind is Kind.SOFT:
            count = await self._suppressed.count_soft(address, record.id)
            taken = Taken.SUPPRESSED if count >= MAX_SOFT else Taken.COUNTED
        if taken is Taken.SUPPRESSED:
            await self._suppress(row, address, said)
        now, failed = from_unix(self._clock()), failure.kind is not Kind.COMPLAINT
        await self._deliveries.add_returned(record.id, now, said, failed=failed)
        log.warning(
            "mail returned", delivery=record.id, subscription=row.subscription.id, kind=failure.kind.value,
            status=find_status(failure.text), suppressed=taken is Taken.SUPPRESSED,
        )  # fmt: skip
        return taken

    async def _suppress(self, row: Row, address: str, reason: str) -> None:
        """Send nothing more to an address. Those of other API keys are disabled with their next delivery."""
        await self._suppressed.add(address, reason)
        owner = row.owner.removeprefix(BY_KEY).removeprefix(UNCONFIRMED)
        await self._consents.lapse(owner, address)
        for one in dict.fromkeys((owner, mail_owner(address))):
            ids = await self._store.owned(one)
            for start in range(0, len(ids), _BATCH):
                for each in await self._store.several(ids[start : start + _BATCH]):
                    if each and identity(_address(each)) == identity(address) and each.subscription.state.status in _ON:
                        await self._disabling.disable(each, refusal(reason))


_ON: Final = frozenset({Status.ACTIVE, Status.PAUSED})


def _address(row: Row | None) -> str:
    """Return the address that a subscription sends to, or "" if it sends no mail."""
    return row.subscription.channel.address if row and isinstance(row.subscription.channel, Email) else ""
