"""compose.yaml and the Dockerfile, read the way Docker reads them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Image:
    """What the last stage of the Dockerfile says of the container."""

    environment: dict[str, str]
    command: list[str]
    healthcheck: list[str]
    user: str
    stage: str


@cache
def compose() -> dict[str, Any]:
    """Read compose.yaml; its anchors are resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def built() -> dict[str, dict[str, Any]]:
    """Give the services that are built from this repository, by their SERVICE argument."""
    return {entry["build"]["args"]["SERVICE"]: entry for entry in compose()["services"].values() if "build" in entry}


@cache
def dockerfile() -> str:
    """Read the Dockerfile, with continued lines joined and comments gone."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return re.sub(r"\s*\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))


def image(service: str) -> Image:
    """Give the image of a service."""
    stage = dockerfile()[dockerfile().rindex("\nFROM ") :]
    pairs = re.findall(r"(\w+)=(\S+)", _instruction(stage, "ENV"))
    environment = {name: value.replace("${SERVICE}", service) for name, value in pairs}
    return Image(
        environment=environment,
        command=json.loads(_instruction(stage, "CMD")),
        healthcheck=json.loads(_instruction(stage, "HEALTHCHECK").partition("CMD ")[2]),
        user=_instruction(stage, "USER"),
        stage=stage,
    )


def locked(lock: Path) -> dict[str, set[str]]:
    """Give the packages of a lock with their versions; markers may give one package several."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def _instruction(stage: str, name: str) -> str:
    found = re.findall(rf"^{name} (.*)$", stage, re.MULTILINE)
    assert len(found) == 1, f"the last stage has {len(found)} lines of {name}"
    return str(found[0])
