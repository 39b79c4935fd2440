"""`paperwire doctor`: checks the data directory of an instance that does not run, and repairs what it can."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from embedded.lock import lock
from embedded.redis import problem_of, repair
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json
from services.notifier.secrets.cipher import key_file_problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `done` says what was repaired; None means that it is still wrong."""

    what: str
    problem: str
    done: str | None = None


def doctor(
    *,
    data_dir: DataDir = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired; nothing is deleted.")] = False,
    json: Json = False,
) -> None:
    """Check the data directory. Exits with status 1 if something is wrong and was not repaired."""
    directory = Context.load(data_dir).settings.data_dir
    with lock(directory):
        findings = list(_examine(directory, repairing=repair))
    if json:
        write_json([asdict(each) for each in findings])
    for each in [] if json else findings:
        console.print(f"[bold]{each.what}[/bold]: {escape(each.done or each.problem)}", soft_wrap=True)
    if not findings and not json:
        console.print(f"Nothing is wrong in {directory}.", soft_wrap=True)
    raise typer.Exit(any(each.done is None for each in findings))


def _examine(directory: Path, *, repairing: bool) -> Iterator[Finding]:
    from embedded.qdrant.storage.damage import damaged, set_aside  # noqa: PLC0415  # the engine is slow to import

    if problem := problem_of(directory / "redis"):
        yield _append_only_file(directory / "redis", problem, repairing=repairing)
    for path, sentence in damaged(directory / "qdrant" / "collections").items():
        kept = f"set aside as {set_aside(path)}; the next start fills it again from Redis" if repairing else None
        yield Finding(f"collection {path.name}", sentence, kept)
    if problem := key_file_problem(directory):
        yield Finding("secret key", problem)


def _append_only_file(directory: Path, problem: str, *, repairing: bool) -> Finding:
    what = "append-only file of Redis"
    if not repairing:
        return Finding(what, f"{problem} Run `paperwire doctor --repair`, or restore it from a backup.")
    suffix = f"before-repair-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    left = repair(directory, suffix)
    if left:
        return Finding(what, f"it cannot be repaired ({left}): restore it from a backup.")
    return Finding(what, problem, f"cut where it could no longer be read; a copy is beside it, named …{suffix}")
