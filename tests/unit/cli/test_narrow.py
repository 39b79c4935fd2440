"""What commands print stays readable in 40 columns, and one module decides how rows are shown."""

import ast
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app as application
from services.cli import tables
from services.cli.app import Commands
from services.cli.command_table import COMMANDS
from services.cli.output import console
from services.cli.standard_output import width

FOLDER = Path(application.__file__).parent
ROWS = [("0123456789abcdef", "[bold]a name[/bold] of seven words with a longword-0123456789", "", "ok")]
NAMES = ("id", "name", "expires", "state")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERMINAL_WIDTH", "40")
    monkeypatch.setattr(console, "_width", 40)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_is_whole(name: str) -> None:
    command: Any = Commands()[name]
    inner: dict[str, Any] = getattr(command, "commands", {})
    for words, one in [([name], command), *(([name, word], one) for word, one in inner.items())]:
        printed = CliRunner().invoke(application.app, [*words, "--help"], terminal_width=40).output
        assert [line for line in printed.splitlines() if len(line) > 40] == []
        options = [option for parameter in one.params for option in parameter.opts if option.startswith("--")]
        assert [option for option in (*options, *getattr(one, "commands", ())) if option not in printed] == []
        assert "…" not in printed.replace("pw_…", "").replace('"ntfy", …', "")


@pytest.mark.parametrize(("columns", "lines"), [(40, 4), (79, 3), (120, 2)])
def test_a_row_is_whole_whatever_the_columns(
    columns: int, lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "_width", columns)
    tables.print_rows(NAMES, ROWS)
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= columns
    assert len(printed.splitlines()) == lines
    assert " ".join(ROWS[0][1].split()) in " ".join(printed.split())
    assert ("expires" in printed) == (columns == 120), "a field without a value is left out of lines"


def test_no_row_is_a_sentence_or_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    tables.print_rows(NAMES, [], none="No keys.")
    assert capsys.readouterr().out == "No keys.\n"


@pytest.mark.parametrize(("given", "columns"), [("40", 40), ("0", 240), ("3", 20), ("99999999", 1_000), ("x", 240)])
def test_columns_are_within_bounds(given: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", given)
    assert width() == columns


def test_one_module_makes_tables() -> None:
    makers = [
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "rich.table"
    ]
    assert makers == ["tables.py"]
    assert COMMANDS
