"""`paperwire --help`, `--version` and the completion of a shell import no command: they answer at once."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from typing import Any

import pytest

from services.cli.app import Commands
from services.cli.command_table import COMMANDS

HEAVY = {
    "aiohttp",
    "fastembed",
    "faststream",
    "numpy",
    "orjson",
    "pydantic",
    "qdrant_client",
    "redis",
    "rich",
    "structlog",
}
SCRIPT = """
import sys
sys.argv[0] = "paperwire"
from services.cli import main
try:
    main()
finally:
    names = {name.partition(".")[0] for name in sys.modules}
    ours = {name for name in sys.modules if name.startswith("services.")}
    sys.stderr.write(" ".join(sorted(names | ours)))
"""


def ran(*words: str, **environment: str) -> tuple[int, str, set[str]]:
    """Run a command; return its status, its output, and the packages and the modules of ours that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    return done.returncode, done.stdout, set(done.stderr.split())


@pytest.mark.parametrize(("words", "status"), [(("--help",), 0), ((), 2)])
def test_the_help_lists_all_commands_and_imports_none(words: tuple[str, ...], status: int) -> None:
    got, printed, modules = ran(*words)
    assert got == status
    assert [name for name in COMMANDS if f"\n  {name} " not in printed] == []
    assert modules & HEAVY == set()
    assert {name for name in modules if name.startswith("services.cli.commands")} == set()


def test_the_version_is_that_of_paperwire_and_of_python() -> None:
    status, printed, modules = ran("--version")
    assert (status, printed) == (0, f"paperwire {version('paperwire')} (Python {platform.python_version()})\n")
    assert modules & HEAVY == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_has_a_script_that_completes_commands(shell: str) -> None:
    _, script, _ = ran(_PAPERWIRE_COMPLETE=f"source_{shell}")
    assert f"_PAPERWIRE_COMPLETE=complete_{shell}" in script
    asked = {"COMP_WORDS": "paperwire so", "COMP_CWORD": "1", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    status, printed, modules = ran(
        _PAPERWIRE_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_ARGS="paperwire so", **asked
    )
    assert (status, "sources" in printed, "status" in printed) == (0, True, False)
    assert len(printed.splitlines()) == 1
    assert modules & (HEAVY - {"pydantic", "rich"}) == set(), "the texts of completions are drawn by rich"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says_first(name: str) -> None:
    command: Any = Commands()[name]
    told = " ".join(command.help.split())
    assert COMMANDS[name].about == told.partition(". ")[0].rstrip(".") + "."
