"""Who knows one service can find anything in the next."""

import tomllib

import pytest

from tests.architecture.sources import ROOT, services

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("part", ("__init__", "__main__", "bootstrap", "settings"))
def test_every_service_has_the_same_parts(part: str) -> None:
    forms = (f"{part}.py", f"{part}/__init__.py")  # a module, or a package of the same name
    assert [one.name for one in services() if not any((one / form).is_file() for form in forms)] == []


def test_every_folder_of_services_is_a_service_or_the_command_line() -> None:
    folders = {path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {folder.name for folder in services()} | {"cli"}


def test_every_service_has_its_extra() -> None:
    assert {folder.name for folder in services()} <= set(PROJECT["project"]["optional-dependencies"])


@pytest.mark.parametrize(
    ("contract", "members"),
    (
        ("Services never import each other", "modules"),
        ("Only the command line knows the embedded Redis and Qdrant", "source_modules"),
    ),
)
def test_the_dependency_rules_name_every_service(contract: str, members: str) -> None:
    assert CONTRACTS[contract][members] == [f"services.{folder.name}" for folder in services()]
