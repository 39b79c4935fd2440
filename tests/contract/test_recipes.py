"""The recipes of CONTRIBUTING.md work as they stand, and are short."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.recipes import Recipe, copy, recipes

MAX_LINES = 50
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
STRUCTURE = ("tests/architecture/test_imports.py", "tests/architecture/test_purity.py")
"""Tests that a new module may break, wherever it is."""
RECIPES = {recipe.title: recipe for recipe in recipes()}


def run(tree: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    words = [sys.executable, *command]
    done = subprocess.run(words, cwd=tree, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_most_frequent_additions_have_a_recipe() -> None:
    assert set(RECIPES) == {"Add a source", "Add a channel", "Add a provider", "Add a search filter"}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_recipe_is_short_and_has_a_test_of_its_own(recipe: Recipe) -> None:
    assert recipe.lines <= MAX_LINES
    own = [step.file for step in recipe.steps if step.file.startswith("tests/")]
    assert any(file.startswith(tests) for file in own for tests in recipe.tests.split())


@pytest.mark.timeout(200)
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_recipe_works(recipe: Recipe, tmp_path: Path) -> None:
    """Take its steps in a copy of the repository; its tests, those beside them, and ruff have to pass there."""
    copy(tmp_path)
    for step in recipe.steps:
        step.apply(tmp_path)
    changed = sorted({step.file for step in recipe.steps if step.file.endswith(".py")})
    run(tmp_path, "-m", "ruff", "check", "--no-cache", "--fix", *changed)
    run(tmp_path, "-m", "ruff", "format", "--no-cache", "--check", *changed)
    run(tmp_path, "-c", LINT_IMPORTS)
    run(tmp_path, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *recipe.tests.split(), *STRUCTURE)
