"""The checks of the machine: programs, the embedding model, the disk, the clock and the limit of files."""

import platform
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from embedded.errors import BinaryNotFound
from embedded.redis.binary import find_binary
from services.cli.diagnosis.finding import Finding, notice, ok, problem
from services.cli.instance.context import Context
from services.fetcher.polling.disk_space import DiskState, Space, disk_state, sentence, space_of
from shared.connections import LOW_FILES, file_limit
from shared.errors import ConfigurationError
from shared.versions import own_version


def check_machine(
    context: Context,
    *,
    space: Callable[[Path], Space] = space_of,
    files: Callable[[], int] = file_limit,
    now: Callable[[], float] = time.time,
) -> Iterator[Finding]:
    """Check the machine; `now` returns seconds since 1970."""
    yield ok("Paperwire", f"{own_version()} with Python {platform.python_version()} on {platform.system()}")
    yield _redis_server(context)
    yield _model(context)
    yield _disk(context.settings.data_dir, space)
    yield _clock(now())
    yield _files(files())


def _redis_server(context: Context) -> Finding:
    if context.is_set("redis_url"):
        return ok("Redis server", "none is started, as PAPERWIRE_REDIS_URL is set")
    try:
        return ok("Redis server", find_binary())
    except BinaryNotFound as error:
        return problem("Redis server", "none is on PATH", str(error))


def _model(context: Context) -> Finding:
    """Look for the model without loading it."""
    from shared.embedding.embedder import DEFAULT_MODEL  # noqa: PLC0415  # slow to import
    from shared.embedding.offline_model import CACHE_NAME, find_weights  # noqa: PLC0415  # as above

    name, folder = context.settings.embedding_model, context.settings.data_dir / "models"
    if name != DEFAULT_MODEL:
        there = folder.is_dir() and any(folder.glob("models--*"))
        found = "in the data directory" if there else "not downloaded yet"
        return notice("embedding model", f"{name}, {found}", "" if there else "The first start needs huggingface.co.")
    if (folder / CACHE_NAME).is_dir():
        return ok("embedding model", f"{name}, made")
    try:
        find_weights()
    except ConfigurationError as error:
        return problem("embedding model", "its weights are missing", str(error))
    return ok("embedding model", f"{name}, made at the first start, without a download")


def _disk(directory: Path, read: Callable[[Path], Space]) -> Finding:
    space = read(directory)
    state = disk_state(space)
    said, _, follows = sentence(space, state).partition(": ")
    if state is DiskState.OK:
        return ok("disk", said)
    advice = f"Free some space: {follows}." if state is DiskState.PAUSED else "Free some space."
    return (problem if state is DiskState.PAUSED else notice)("disk", said, advice)


def _clock(now: float) -> Finding:
    """A clock before the installation of this file is wrong; how exact it is, nothing here can tell."""
    shown = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if now < Path(__file__).stat().st_mtime:
        return problem("clock", f"{shown} is before Paperwire was installed", "Set it, for example with NTP.")
    return ok("clock", shown)


def _files(limit: int) -> Finding:
    if limit < LOW_FILES:
        return notice("open files", f"at most {limit}", f"Allow more, for example with: ulimit -n {LOW_FILES}.")
    return ok("open files", f"at most {limit:,}")
