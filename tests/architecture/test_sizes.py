"""Files, functions and folders stay small enough to read in one go."""

import ast
from collections import Counter

from tests.architecture.sources import modules, name, tracked, tree

FILE_LINES = 400
FUNCTION_LINES = 45
FOLDER_MODULES = 20
MADE = {"paperwire/client/operations.py", "paperwire/client/schemas.py"}
"""Files that `python -m tests.contract.regenerate` writes, and nobody reads in one go."""


def test_no_file_is_too_long() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert set(lengths) >= MADE
    assert {file: lines for file, lines in lengths.items() if lines > FILE_LINES and file not in MADE} == {}


def test_no_function_is_too_long() -> None:
    long = {
        f"{name(path)}:{node.name}": lines
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_no_folder_holds_too_many_modules() -> None:
    """Tests and benchmarks count too."""
    folders = Counter(name(path.parent) for path in tracked() if path.suffix == ".py" and path.stem != "__init__")
    assert {folder: count for folder, count in folders.items() if count > FOLDER_MODULES} == {}
