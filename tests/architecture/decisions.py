"""The decision records and their index: `python -m tests.architecture.decisions` writes docs/adr/README.md."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT

FOLDER = ROOT / "docs" / "adr"
INDEX = FOLDER / "README.md"
FORM = re.compile(
    r"# (?P<number>\d+)\. (?P<title>.+)\n\n"
    r"- Status: (?P<status>accepted|unused|superseded by (?P<successor>\d{4}))\n"
    r"- Date: (?P<date>\d{4}-\d{2}-\d{2})\n\n"
    r"\*\*Context\.\*\* .+?\n\n\*\*Decision\.\*\*.+?\n\n\*\*Revisit when\*\* .+\n",
    re.DOTALL,
)
HEAD = """# Decisions

Each file records one decision that had a real alternative ([why](0001-record-decisions.md)). To add one, take the next
number, copy the form of the others (title, status, date, context, decision, revisit), and run
`python -m tests.architecture.decisions`, which writes this list.

| number | decision | status | date |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One record, as its head states it."""

    number: int
    title: str
    status: str
    date: str
    file: str


def records() -> list[Path]:
    """Return the files of the records, by number."""
    return sorted(FOLDER.glob("[0-9]*.md"))


def read(path: Path) -> Decision | None:
    """Parse a record; None if it does not have the form."""
    found = FORM.fullmatch(path.read_text("utf-8"))
    if not found:
        return None
    return Decision(int(found["number"]), found["title"], found["status"], found["date"], path.name)


def index() -> str:
    """Return the text of the index."""
    rows = [
        f"| {found.number} | [{found.title}]({found.file}) | {found.status} | {found.date} |\n"
        for path in records()
        if (found := read(path))
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    INDEX.write_text(index(), encoding="utf-8")
