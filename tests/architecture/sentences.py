"""Every text that a person reads, in one list: `python -m tests.architecture.sentences [kind…]` prints it.

The kinds: `page` (templates of pages and mail), `error` (texts of exceptions and problem details), `help` (of commands
and options), `log` (events), `api` (summaries and descriptions in OpenAPI), `docstring`, `test` (names of tests), and
`text`: every other text of the code that has three words in a row, such as what commands print, reasons and metrics.
"""

import ast
import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.architecture.sources import ROOT, modules, name, tracked, tree

TEMPLATES: Final = re.compile(r"services/.*(?:\.html|\.j2|\.js|/templates/.*\.txt)")
MARKUP: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|<(?:style|script)\b.*?</(?:style|script)>|<[^>]+>", re.DOTALL)
EXPRESSION: Final = re.compile(r"\{\{.*?\}\}")
QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
ATTRIBUTE: Final = re.compile(r"(?:title|placeholder|aria-label|alt|content)=\"([^\"{]*[a-z][^\"]* [^\"]*)\"")
LOGGED: Final = {"debug", "info", "warning", "error", "exception", "critical"}
HELP: Final = {"Option", "Argument", "Typer"}
API: Final = {"description", "summary", "detail"}
WORDS: Final = re.compile(r"(?:[A-Za-z’'-]+[,;:]? ){2}[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text, and where it is."""

    kind: str
    file: str
    line: int
    text: str


def sentences() -> Iterator[Sentence]:
    """Yield every text that a person reads."""
    for path in tracked():
        if TEMPLATES.fullmatch(name(path)):
            yield from _of_template(path)
    for path in modules():
        known = list(_of_module(path))
        yield from known
        yield from _others(path, {sentence.text for sentence in known})
    for path in tracked():
        if path.suffix == ".py" and path.name.startswith("test_"):
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                    yield Sentence("test", name(path), node.lineno, node.name.replace("_", " "))


def _of_template(path: Path) -> Iterator[Sentence]:
    text = path.read_text("utf-8")
    for found in ATTRIBUTE.finditer(text):
        yield Sentence("page", name(path), text.count("\n", 0, found.start()) + 1, found[1])
    if path.suffix == ".js":
        text = "\n".join(line.partition("// ")[2] for line in text.splitlines())
    plain = MARKUP.sub(lambda found: "\n" * found[0].count("\n") + " ", text)
    for number, line in enumerate(plain.splitlines(), 1):
        shown = EXPRESSION.sub(lambda found: " ".join(QUOTED.findall(found[0])), line)
        if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", shown):
            yield Sentence("page", name(path), number, " ".join(line.split()))


def _of_module(path: Path) -> Iterator[Sentence]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                commands = name(path).startswith("services/cli/") and _is_command(node)
                yield Sentence("help" if commands else "docstring", name(path), getattr(node, "lineno", 1), text)
        elif isinstance(node, ast.Call):
            yield from _of_call(path, node)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from (Sentence("error", name(path), node.lineno, text) for text in map(_text, node.exc.args) if text)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message" and (text := _text(node.value)):
            yield Sentence("error", name(path), node.lineno, text)


def _others(path: Path, known: AbstractSet[str]) -> Iterator[Sentence]:
    nodes = list(ast.walk(tree(path)))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    parts |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings, of constants too
    for node in nodes:
        if isinstance(node, ast.expr) and id(node) not in parts:
            text = _text(node)
            if text and text not in known and WORDS.search(text):
                yield Sentence("text", name(path), node.lineno, text)


def _of_call(path: Path, node: ast.Call) -> Iterator[Sentence]:
    function = ast.unparse(node.func)
    last = function.rpartition(".")[2]
    if last in LOGGED and function.startswith("log.") and node.args and (text := _text(node.args[0])):
        yield Sentence("log", name(path), node.lineno, text)
    for keyword in node.keywords:
        if keyword.arg == "help" and last in HELP and (text := _text(keyword.value)):
            yield Sentence("help", name(path), node.lineno, text)
        elif keyword.arg in API and (text := _text(keyword.value)):
            yield Sentence("api", name(path), node.lineno, text)
    if last.endswith(("Problem", "Refusal", "problem")):
        yield from (Sentence("error", name(path), node.lineno, text) for text in map(_text, node.args) if text)


def _is_command(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")


def _text(node: ast.expr) -> str | None:
    """Return the text of a string, with the expressions of an f-string in braces; None for what is no text of words."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    else:
        return None
    return text if " " in text.strip() else None


def main() -> None:
    """Print the texts of the kinds that are named, or of all."""
    kinds = set(sys.argv[1:])
    for each in sorted(set(sentences()), key=lambda found: (found.kind, found.file, found.line)):
        if not kinds or each.kind in kinds:
            sys.stdout.write(f"{each.kind}\t{each.file}:{each.line}\t{' '.join(each.text.split())}\n")


if __name__ == "__main__":
    assert ROOT.is_dir()
    main()
