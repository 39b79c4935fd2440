"""All services have the same anatomy, so that knowing one is knowing where to look in the others."""

import pytest

from tests.architecture.sources import CONTRACTS, PROJECT, ROOT, name, services, tracked


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
    (found,) = [one for one in CONTRACTS if one["name"] == contract]
    assert found[members] == [f"services.{folder.name}" for folder in services()]


def place_of_code(folder: str) -> str:
    """Return the folder of the code that the tests in a folder are about."""
    kind, _, rest = folder.removeprefix("tests/").partition("/")
    assert kind in {"unit", "integration"}
    return rest if rest.partition("/")[0] in {"shared", "embedded", "paperwire"} else f"services/{rest}"


def test_folders_of_tests_are_those_of_the_code() -> None:
    files = [name(path) for path in tracked() if path.name.startswith("test_")]
    folders = {file.rpartition("/")[0] for file in files if file.startswith(("tests/unit/", "tests/integration/"))}
    assert len(folders) > 50
    assert [folder for folder in sorted(folders) if not (ROOT / place_of_code(folder)).is_dir()] == []
