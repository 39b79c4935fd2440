"""Which modules may import which: the rules that import-linter cannot express."""

import ast
import re
from graphlib import TopologicalSorter

import pytest

from tests.architecture.sources import CONTRACTS, ROOT, graph, modules, name, services, tree

SOURCES = "services.fetcher.sources"
NESTED = 3
"""Parts of the path of a service's own `__init__.py`; a room of it has more."""


def test_no_modules_import_each_other_in_a_circle() -> None:
    imports = {module: graph().find_modules_directly_imported_by(module) for module in graph().modules}
    assert len(list(TopologicalSorter(imports).static_order())) == len(imports), "a CycleError would name the circle"


def test_a_room_says_what_it_may_import() -> None:
    rooms = [path for path in modules() if path.name == "__init__.py" and len(path.relative_to(ROOT).parts) > NESTED]
    rooms += [path for path in modules() if path.match("shared/*/__init__.py")]
    assert len(rooms) > 40
    said = {name(path.parent): (ast.get_docstring(tree(path)) or "").lower() for path in rooms}
    assert [room for room, text in said.items() if not re.search(r"\bimports?\b", text)] == []


def test_a_source_imports_no_other_source() -> None:
    """The contract for the sources lists only those that others build on; this holds for all the rest."""
    (contract,) = (each for each in CONTRACTS if each.get("containers") == [SOURCES])
    layers = [re.split(r" [|:] ", layer) for layer in contract["layers"]]
    shared_by_all = {module for layer in layers[layers.index(["source_type"]) :] for module in layer}
    ordered = {module for layer in layers[: layers.index(["arxiv"]) + 1] for module in layer} | shared_by_all
    sources = {path.rpartition(".")[2] for path in graph().find_children(SOURCES)} - ordered
    assert {"biorxiv", "feeds", "huggingface", "openreview"} <= sources
    found = {source: imported_beside(source) - shared_by_all for source in sources}
    assert {source: others for source, others in found.items() if others} == {}


def imported_beside(source: str) -> set[str]:
    """Return the other children of the package of sources that a source imports."""
    own = {f"{SOURCES}.{source}", *graph().find_descendants(f"{SOURCES}.{source}")}
    imported = {found for module in own for found in graph().find_modules_directly_imported_by(module)}
    inside = (found.removeprefix(f"{SOURCES}.") for found in imported if found.startswith(f"{SOURCES}."))
    return {found.partition(".")[0] for found in inside} - {source}


@pytest.mark.parametrize("service", [folder.name for folder in services()])
def test_a_layers_contract_orders_the_rooms_of_a_service(service: str) -> None:
    ordered = {container for contract in CONTRACTS for container in contract.get("containers", ())}
    assert f"services.{service}" in ordered, "add a contract of type layers to pyproject.toml"
