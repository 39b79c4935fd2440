"""The checks of a data directory: who uses it, and whether its files are whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from embedded.lock import lock
from embedded.redis import problem_of, repair
from services.cli.diagnosis.finding import Finding, ok, problem, repaired
from services.cli.instance.context import Context
from services.notifier.secrets.cipher import key_file_problem


def check_data_directory(context: Context, *, repairing: bool) -> list[Finding]:
    """Check the files of an instance that does not run; raises EmbeddedError if one runs that would be repaired."""
    directory = context.settings.data_dir
    instance = None if repairing else context.instance()
    if instance:
        return [ok("data directory", f"{directory}, in use by process {instance.pid}: its files are not looked at")]
    with lock(directory):
        found = list(_examine(directory, repairing=repairing))
    return found or [ok("data directory", f"{directory}, nothing is damaged")]


def _examine(directory: Path, *, repairing: bool) -> Iterator[Finding]:
    from embedded.qdrant.storage.damage import damaged, set_aside  # noqa: PLC0415  # the engine is slow to import

    if what := problem_of(directory / "redis"):
        yield _append_only_file(directory / "redis", what, repairing=repairing)
    for path, sentence in damaged(directory / "qdrant" / "collections").items():
        name = f"collection {path.name}"
        if repairing:
            yield repaired(name, f"set aside as {set_aside(path)}; the next start fills it again from Redis")
        else:
            yield problem(name, sentence)
    if what := key_file_problem(directory):
        yield problem("secret key", what)


def _append_only_file(directory: Path, what: str, *, repairing: bool) -> Finding:
    name = "append-only file of Redis"
    if not repairing:
        return problem(name, what, "Run `paperwire doctor --repair`, or restore it from a backup.")
    suffix = f"before-repair-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    if left := repair(directory, suffix):
        return problem(name, f"it cannot be repaired ({left})", "Restore it from a backup.")
    return repaired(name, f"cut where it could no longer be read; a copy is beside it, named …{suffix}")
