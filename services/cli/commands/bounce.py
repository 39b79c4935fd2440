"""`paperwire bounce`: takes mail that came back, from a pipe of a mail server or out of a Maildir.

The status is one of sysexits: a mail server keeps the message and tries again later when it is EX_TEMPFAIL (75).
"""

import asyncio
import errno
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer

from embedded.errors import EmbeddedError
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.notifier.delivery.deliveries import Deliveries
from services.notifier.delivery.disabling import Disabling
from services.notifier.mailing.bounce_report import MAX_BYTES
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.secrets.link_key import link_key
from services.notifier.settings import NotifierSettings
from services.notifier.subscribing.consents import Consents
from services.notifier.subscribing.returned_mail import ReturnedMail, Taken
from services.notifier.subscription.model import State, Status
from services.notifier.subscription.store import Store
from shared.bus import open_redis
from shared.errors import ConfigurationError, PaperwireError
from shared.moments import from_unix
from shared.outages import POSSIBLE_OUTAGES, outage

MAX_MESSAGES: Final = 10_000
"""Messages of a Maildir that one call takes."""
_SEEN: Final = ":2,S"
"""What the name of a message in `cur` ends with: it was seen."""
log = structlog.get_logger("bounce")


def bounce(
    *,
    maildir: Annotated[
        Path | None,
        typer.Option(help="Take all new messages of a Maildir, and move them to its cur folder.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take a bounce or a complaint from standard input: suppress its address if mail to it fails for good.

    Whatever else comes is ignored. Exits with status 75 when it should be tried again later.
    """
    paths = None if maildir is None else new_messages(maildir)
    try:
        counts = asyncio.run(take_mail(Context.load(data_dir), paths))
    except (PaperwireError, EmbeddedError, *POSSIBLE_OUTAGES) as error:
        reason = (outage(error) or str(error)).removesuffix(".")
        sys.stderr.write(f"paperwire: {reason}. Nothing is lost if the mail is handed over again later.\n")
        raise typer.Exit(os.EX_TEMPFAIL) from error
    if json:
        write_json({kind.value: counts[kind] for kind in Taken})
    else:
        console.print(", ".join(f"{counts[kind]} {kind.value}" for kind in Taken) + ".")


async def take_mail(context: Context, paths: Sequence[Path] | None) -> Counter[Taken]:
    """Take the message of standard input, or new ones of a Maildir; return what came of them."""
    counts: Counter[Taken] = Counter()
    if paths is None:
        given = await asyncio.to_thread(_standard_input)
        async with opened(context) as returned:
            counts[await returned.take(given)] += 1
        return counts
    async with opened(context) as returned:
        for path in paths:
            raw: bytes | None = None
            with _one_file(path):
                raw = _beginning(path)
            if raw is not None:
                counts[await returned.take(raw)] += 1
                with _one_file(path):
                    path.rename(path.parent.parent / "cur" / (path.name.partition(":")[0] + _SEEN))
    return counts


def _standard_input() -> bytes:
    """Return the beginning of standard input, and read all of it: a closed pipe may be a failure to a mail server."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    raw = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(MAX_BYTES):
        pass
    return raw


@contextmanager
def _one_file(path: Path) -> Iterator[None]:
    """Go on with the others when something is wrong with a file; another process may have moved it, which is right."""
    try:
        yield
    except OSError as error:
        if path.exists():
            log.warning("mail left in new", file=path.name, reason=error.strerror)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES)


def new_messages(maildir: Path) -> list[Path]:
    """Return the new messages of a Maildir, the oldest name first; what is no file is left alone.

    They are at most `MAX_MESSAGES`.

    Raises:
        ConfigurationError: the folder is no Maildir, or cannot be read.

    """
    try:
        missing = [name for name in ("new", "cur") if not (maildir / name).is_dir()]
        if missing:
            raise ConfigurationError(f"{maildir} is no Maildir: it has no folder {missing[0]}.")
        paths = sorted(path for path in (maildir / "new").iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(f"{maildir} cannot be read: {error.strerror}.") from error
    return [path for path in paths[:MAX_MESSAGES] if path.is_file() and not path.is_symlink()]


@asynccontextmanager
async def opened(context: Context) -> AsyncIterator[ReturnedMail]:
    """Open what takes returned mail, on the Redis of the instance: the notifier reads there what changed.

    Raises:
        ConfigurationError: no instance runs. A Redis for one message would lock the folder while an instance starts,
            and a folder by a wrong name would ignore all mail.

    """
    if context.instance() is None and not context.is_set("redis_url"):
        raise ConfigurationError(f"No instance runs on {context.settings.data_dir}.")
    async with context.reach(()) as reach:
        settings = NotifierSettings.load(**reach.settings.model_dump(include=set(NotifierSettings.model_fields)))
        redis = open_redis(settings.redis_url)
        store, deliveries = Store(redis), Deliveries(redis, time.time, settings.delivery_retention)

        async def disable(subscription: str, reason: str) -> None:
            state = State(status=Status.DISABLED, reason=reason, since=from_unix(time.time()))
            await store.set_state(subscription, state)

        try:
            yield ReturnedMail(
                store=store, deliveries=deliveries, suppressed=SuppressedAddresses(redis, time.time),
                consents=Consents(redis, ()), disabling=Disabling(store, deliveries, disable, time.time),
                key=await link_key(redis), clock=time.time,
            )  # fmt: skip
        finally:
            await redis.aclose()
