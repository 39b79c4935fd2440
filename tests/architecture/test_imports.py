"""Which modules may import which: the rules that import-linter cannot express."""

import ast
import re
from graphlib import TopologicalSorter

import pytest

from tests.architecture.sources import CONTRACTS, ROOT, graph, modules, name, services, tree

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


@pytest.mark.parametrize("service", [folder.name for folder in services()])
def test_a_layers_contract_orders_the_rooms_of_a_service(service: str) -> None:
    ordered = {container for contract in CONTRACTS for container in contract.get("containers", ())}
    assert f"services.{service}" in ordered, "add a contract of type layers to pyproject.toml"
