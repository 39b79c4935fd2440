"""The recipes of CONTRIBUTING.md, read as steps that a program can take."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
STEP = re.compile(
    r"^(?:Create `(?P<new>[^`]+)`|At the end of `(?P<extended>[^`]+)`"
    r"|In `(?P<changed>[^`]+)`, (?P<where>after|before) `(?P<anchor>[^`]+)`):\n\n"
    r"```[a-z]+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
RUN = re.compile(r"^Run `(?P<tests>[^`]+)`\.$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """A file to create, or lines to insert `after` or `before` the only line that reads `anchor`, or at the `end`."""

    file: str
    code: str
    where: str
    anchor: str | None = None

    def apply(self, tree: Path) -> None:
        """Take the step in a copy of the repository."""
        path = tree / self.file
        if self.where == "new":
            assert not path.exists(), f"{self.file} exists already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.code, "utf-8")
            return
        lines = path.read_text("utf-8").splitlines(keepends=True)
        lines.insert(len(lines) if self.where == "end" else self._place(lines), self.code)
        path.write_text("".join(lines), "utf-8")

    def _place(self, lines: Sequence[str]) -> int:
        places = [number for number, line in enumerate(lines) if line.strip() == self.anchor]
        assert len(places) == 1, f"{self.file} has {len(places)} lines that read {self.anchor!r}"
        return places[0] + (self.where == "after")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The steps below one heading, and the tests to run afterwards."""

    title: str
    steps: tuple[Step, ...]
    tests: str

    @property
    def lines(self) -> int:
        """The lines that its reader writes, without blank ones."""
        return sum(bool(line.strip()) for step in self.steps for line in step.code.splitlines())


def recipes() -> Iterator[Recipe]:
    """Read the recipes of the page."""
    for section in re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, run, found = section.splitlines()[0], RUN.search(section), list(STEP.finditer(section))
        assert run, f"{title}: a recipe ends with the tests to run"
        assert len(found) == section.count("```") // 2, f"{title}: a block does not say what to do with it"
        steps = tuple(_step(each.groupdict()) for each in found)
        yield Recipe(title, steps, run["tests"])


def _step(found: Mapping[str, str | None]) -> Step:
    code = found["code"] or ""
    if found["new"]:
        return Step(found["new"], code, "new")
    if found["extended"]:
        return Step(found["extended"], code, "end")
    return Step(found["changed"] or "", code, found["where"] or "", found["anchor"])


def copy(tree: Path) -> None:
    """Copy the files that git tracks or would add, into a repository of their own."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
