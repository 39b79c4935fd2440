"""Programs for Node read the document: two linters, and openapi-typescript, which makes the types of a client.

`make node-clients` installs them. The rules of the linters are shown in `tests/contract/test_openapi_rules.py`, too.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.contract.clients.conftest import BUILT, Instance, program

HERE: Final = Path(__file__).parent
PACKAGES: Final = BUILT / "node" / "node_modules"
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


def run(name: str, *arguments: str | Path, folder: Path) -> str:
    """Run a program of the folder's packages, or Node; return what it prints."""
    path = program(Path(name) if name == "node" else PACKAGES / ".bin" / name, "make node-clients")
    done = subprocess.run((path, *map(str, arguments)), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_redocly_finds_nothing(instance: Instance, tmp_path: Path) -> None:
    printed = run(
        "redocly", "lint", "--format=json", "--extends=recommended-strict", instance.document, folder=tmp_path
    )
    assert json.loads(printed)["problems"] == []


def test_spectral_finds_nothing(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / ".spectral.yaml").write_text("extends: spectral:oas\n", "utf-8")
    printed = run(
        "spectral", "lint", "--format=json", "--fail-severity=hint", "--quiet", instance.document, folder=tmp_path
    )
    assert json.loads(printed) == []


def test_a_client_in_typescript_compiles_and_asks(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    for name in ("client.ts", "package.json"):
        shutil.copy(HERE / name, tmp_path)
    may_be_left_out = ("--default-non-nullable", "false")  # what has a default, in a request
    run("openapi-typescript", instance.document, "--output", "paperwire.d.ts", *may_be_left_out, folder=tmp_path)
    options = ("--strict", "--target", "es2022", "--module", "nodenext", "--types", "node", "--skipLibCheck")
    run("tsc", *options, "client.ts", folder=tmp_path)
    told = json.loads(run("node", "client.js", instance.url, instance.key, folder=tmp_path))
    assert told["found"] == "A survey of graph neural networks"
    assert told["paper"] == "José García"
    assert told["bibtex"].startswith("@misc{garcia2024survey,")
    assert told["csl"][0]["id"] == "arXiv:2401.00005"
    assert told["schedule"]["daily"] == "08:00"
    assert told["about"] == "arXiv:2401.00001"
    assert told["unknown"] == "The paper nothing is not in the index."
