"""Lua scripts as resources of packages."""

import itertools
import tomllib
from pathlib import Path

import pytest

from shared.bus import Bus, scripts

ROOT = Path(__file__).parents[4]
SCRIPTS = sorted(path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.lua"))


async def test_a_script_runs_after_the_library_that_it_needs(bus: Bus) -> None:
    take_over = scripts.register(bus.redis, "services.notifier.delivery", "lanes", "take_over")
    assert await take_over(args=[0, 1, 5_000]) == 0


def test_files_are_joined_in_order() -> None:
    text = scripts.source("services.notifier.delivery", "lanes", "claim")
    assert text.index("local function lane_state") < text.index("local function take")


def test_a_script_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        scripts.source("services.notifier.delivery", "nothing")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_header_of_a_script_states_its_interface(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = list(itertools.takewhile(lambda line: line.startswith("--"), lines))
    library = "library" in header[0]
    for part in ("Keys:", "Arguments:", "Answer:", "Atomicity:"):
        assert library or any(line.startswith(f"-- {part} ") for line in header), f"{path.name} does not state {part}"


def test_the_wheel_contains_the_scripts() -> None:
    """The build includes every file of these packages that git does not ignore."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert {path.relative_to(ROOT).parts[0] for path in SCRIPTS} <= set(wheel["packages"])
    assert not {"include", "exclude", "only-include"} & set(wheel)


def test_no_module_contains_a_script() -> None:
    modules = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]
    assert modules
    assert [path.name for path in modules if "redis.call(" in path.read_text(encoding="utf-8")] == []
