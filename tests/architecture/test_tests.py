"""A test without an assertion passes whatever the code does."""

import ast
from functools import cache
from typing import NamedTuple

from tests.architecture.sources import ROOT, modules, name, tracked, tree

FAILING = {"raises", "warns", "fail", "expect"}  # of pytest; `expect` is Playwright's, and waits until it fails


class Function(NamedTuple):
    """A function below tests/, and what of its body can fail a test.

    A method of the code under test is left out, although a helper may have its name: calling it asserts nothing.
    """

    place: str
    name: str
    asserts: bool
    calls: frozenset[str]  # names without what stands before their last dot


def functions() -> list[Function]:
    """Return every function below tests/."""
    files = [path for path in tracked() if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"]
    return [
        read(name(path), node)
        for path in files
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@cache
def names_of_the_code() -> frozenset[str]:
    """Return the names of all functions and methods that are tested."""
    nodes = (node for path in modules() for node in ast.walk(tree(path)))
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def read(file: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    """Describe a function."""
    nodes = list(ast.walk(function))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = {node.id for node in called if isinstance(node, ast.Name)}
    methods = {node.attr for node in called if isinstance(node, ast.Attribute)} - names_of_the_code()
    asserts = any(isinstance(node, ast.Assert) for node in nodes)
    return Function(f"{file}:{function.name}", function.name, asserts, frozenset(names | methods))


def test_every_test_can_fail() -> None:
    tests = [function for function in functions() if function.name.startswith("test_")]
    helpers = [function for function in functions() if not function.name.startswith("test_")]
    failing = FAILING | {helper.name for helper in helpers if helper.asserts}
    while more := {helper.name for helper in helpers if helper.calls & failing} - failing:
        failing |= more
    assert len(tests) > 1_000
    assert [test.place for test in tests if not (test.asserts or test.calls & failing)] == []
