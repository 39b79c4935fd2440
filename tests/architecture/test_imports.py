"""Which modules may import which: the rules that import-linter cannot express."""

from graphlib import TopologicalSorter

import pytest

from tests.architecture.sources import CONTRACTS, graph, services


def test_no_modules_import_each_other_in_a_circle() -> None:
    imports = {module: graph().find_modules_directly_imported_by(module) for module in graph().modules}
    assert len(list(TopologicalSorter(imports).static_order())) == len(imports), "a CycleError would name the circle"


@pytest.mark.parametrize("service", [folder.name for folder in services()])
def test_a_layers_contract_orders_the_rooms_of_a_service(service: str) -> None:
    ordered = {container for contract in CONTRACTS for container in contract.get("containers", ())}
    assert f"services.{service}" in ordered, "add a contract of type layers to pyproject.toml"
