"""`paperwire doctor`: what works, which settings are on, what is missing and what to do, on one page."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.padding import Padding

from services.cli.diagnosis.data_directory import check_data_directory
from services.cli.diagnosis.finding import Finding, State
from services.cli.diagnosis.machine import check_machine
from services.cli.diagnosis.reachable import check_reachable
from services.cli.diagnosis.used_settings import check_settings
from services.cli.instance.context import Context, DataDir, Json
from services.cli.output import console, write_json

Report = Mapping[str, Sequence[Finding]]
SIGNS: Final = {
    State.OK: "[green]ok[/green]",
    State.NOTICE: "[yellow]note[/yellow]",
    State.PROBLEM: "[bold red]wrong[/bold red]",
    State.REPAIRED: "[green]fixed[/green]",
}
"""What stands before a finding."""


def doctor(
    *,
    data_dir: DataDir = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair what can be repaired; nothing is deleted.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try hosts of sources and providers.")] = False,
    json: Json = False,
) -> None:
    """Check what Paperwire needs, on one page. Exits with status 1 if something is wrong and was not repaired."""
    context = Context.load(data_dir)
    report = examine(context, repairing=repair, offline=offline or context.settings.offline)
    if json:
        write_json({group: [asdict(each) for each in found] for group, found in report.items()})
    else:
        _print(report)
    raise typer.Exit(1 if _wrong(report) else 0)


def examine(context: Context, *, repairing: bool, offline: bool) -> Report:
    """Check everything, by groups."""
    return {
        "data": check_data_directory(context, repairing=repairing),
        "machine": list(check_machine(context)),
        "reachable": asyncio.run(check_reachable(context, offline=offline)),
        "settings": list(check_settings(os.environ)),
    }


def _wrong(report: Report) -> list[Finding]:
    return [each for found in report.values() for each in found if each.state is State.PROBLEM]


def _print(report: Report) -> None:
    for group, found in report.items():
        console.print(f"[bold]{group.capitalize()}[/bold]")
        told = ""
        for each in found:
            text = f"{SIGNS[each.state]} {escape(each.what)}: {escape(each.detail)}"
            advice = f". [bold]{escape(each.advice)}[/bold]" if each.advice not in ("", told) else ""
            told = each.advice or told
            console.print(Padding(text + advice, (0, 0, 0, 2), expand=False))
    wrong = len(_wrong(report))
    things = "1 thing is" if wrong == 1 else f"{wrong} things are"
    console.print(f"{things} wrong." if wrong else "Nothing is wrong.")
