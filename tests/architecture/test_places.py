"""Tests stand where the code stands that they test."""

from tests.architecture.sources import ROOT, name, tracked


def place_of_code(folder: str) -> str:
    """Return the folder of the code that the tests in a folder are about."""
    kind, _, rest = folder.removeprefix("tests/").partition("/")
    assert kind in {"unit", "integration"}
    return rest if rest.partition("/")[0] in {"shared", "embedded"} else f"services/{rest}"


def test_folders_of_tests_are_those_of_the_code() -> None:
    files = [name(path) for path in tracked() if path.name.startswith("test_")]
    folders = {file.rpartition("/")[0] for file in files if file.startswith(("tests/unit/", "tests/integration/"))}
    assert len(folders) > 50
    assert [folder for folder in sorted(folders) if not (ROOT / place_of_code(folder)).is_dir()] == []
