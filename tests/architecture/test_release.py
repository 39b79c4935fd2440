"""The version is stated in one place, and the changelog has a section for it."""

import re
import subprocess
import tomllib
from datetime import date

import pytest

from tests.architecture.sources import ROOT, modules, name

VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
SECTIONS = re.findall(r"^## \[(.+?)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
NUMBER = re.compile(r"\d+\.\d+\.\d+")


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_the_first_section_of_the_changelog_is_the_version_of_the_project() -> None:
    assert SECTIONS[0][0] == VERSION


def test_the_sections_are_versions_in_falling_order() -> None:
    versions = [version for version, _ in SECTIONS]
    assert all(NUMBER.fullmatch(version) for version in versions)
    assert versions == sorted(set(versions), key=parts, reverse=True)


def test_every_section_has_a_date_and_only_the_first_may_be_unreleased() -> None:
    for version, when in SECTIONS:
        if when == "unreleased":
            assert version == VERSION
        else:
            date.fromisoformat(when)


def test_every_tag_has_a_dated_section() -> None:
    command = ["git", "tag", "--list", "v*"]
    tags = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split()
    if not tags:
        pytest.skip("no version has been tagged, or this checkout has no tags")
    assert {tag.removeprefix("v") for tag in tags} <= {version for version, when in SECTIONS if when != "unreleased"}


def test_no_module_states_a_version() -> None:
    stated = re.compile(rf"Paperwire/\d|(?<![\d.]){re.escape(VERSION)}(?![\d.])")
    assert [name(path) for path in modules() if stated.search(path.read_text("utf-8"))] == []
