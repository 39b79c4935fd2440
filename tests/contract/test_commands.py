"""The commands that documents and pages name exist, with the options that are given to them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from services.cli.app import app
from tests.architecture.sources import name, tracked

SHOWN = re.compile(r"`(?:[A-Z_]+=\S+ )?paperwire ([^`]+)`|^(?:\.venv/bin/)?paperwire ([a-z][^#\n]*)", re.MULTILINE)
ROOT = typer.main.get_command(app)
PAGES = [path for path in tracked() if path.suffix == ".md"]


def shown(page: Path) -> Iterator[list[str]]:
    """Yield the words of each command on a page, after `paperwire`."""
    text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
    for found in SHOWN.finditer(text):
        yield re.sub(r"[\[\]]", " ", found[1] or found[2]).replace("\\|", "|").split()


def unknown(words: list[str]) -> list[str]:
    """Return the words that name no command, no subcommand or no option."""
    commands = getattr(ROOT, "commands")  # noqa: B009  # typer does not type its groups
    if words[0].startswith("--"):
        known = {option for parameter in ROOT.params for option in parameter.opts} | {"--help"}
        return [word for word in words if word not in known]
    if words[0] not in commands:
        return words[:1] if words[0] != "…" else []
    command = commands[words[0]]
    group = getattr(command, "commands", None)
    chosen = words[1].split("|") if group and len(words) > 1 and not words[1].startswith("-") else []
    found = [group[each] for each in chosen if group and each in group] or [command]
    options = {option for each in found for parameter in each.params for option in parameter.opts} | {"--help"}
    wrong = [each for each in chosen if group and each not in group]
    return wrong + [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", [page for page in PAGES if list(shown(page))], ids=name)
def test_the_commands_on_a_page_exist(page: Path) -> None:
    assert [(words, wrong) for words in shown(page) if (wrong := unknown(words))] == []


@pytest.mark.parametrize("words", ("serch x", "--versoin", "sources lst", "up --ports 1", "sources add x --kind feed"))
def test_a_command_that_does_not_exist_is_found(words: str) -> None:
    assert unknown(words.split())
