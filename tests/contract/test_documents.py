"""The committed documents say what the code does; what was released is only ever extended."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.papers.events import PaperIndexed, PapersRequested
from shared.papers.paper import Change, ChangeKind, CodeLink, Links, Model, Signals, SourceRef
from shared.papers.streams import STREAMS
from tests.contract.additive import breaking
from tests.contract.channel_table import channel_table
from tests.contract.regenerate import DOCS, SERVICES, asyncapi, contracts, openapi, schemas
from tests.contract.variable_names import variable_names
from tests.support import NOW, enriched, fetched

REMEDY = "run `python -m tests.contract.regenerate` and look at the difference"
ROOT = DOCS.parent
FULL = enriched(
    1,
    Change(kind=ChangeKind.NEW, version="v1", fields=("title",)),
    links=Links(code=(CodeLink(url="https://github.com/a/b", stars=1),)),
    signals=Signals(upvotes=1),
    sources=(SourceRef(source="arxiv", id="arXiv:2401.00001", version=1, seen_at="2026-01-02"),),
    identifiers={"arxiv": "2401.00001"},
    trending=0.5,
)
EVENTS: dict[str, Model] = {
    "papers.fetched.v1": fetched(1, signals=Signals(upvotes=1), version=2, url="https://x.example"),
    "papers.enriched.v1": FULL,
    "papers.indexed.v1": PaperIndexed(
        paper=FULL.paper, changes=FULL.changes, vector="AAAA", model="m", indexed_at=NOW
    ),
    "papers.requested.v1": PapersRequested(works=("arXiv:2401.00001", "pw:0123456789abcdef")),
}  # fmt: skip


def committed(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCS / "schemas" / f"{name}.json").read_text("utf-8"))
    return document


def git(*arguments: str) -> str:
    done = subprocess.run(("git", "-C", str(ROOT), *arguments), capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


@pytest.mark.parametrize("path", schemas(), ids=lambda path: path.name)
def test_the_schemas_are_current(path: Path) -> None:
    assert path.read_text("utf-8") == schemas()[path], REMEDY


def test_the_table_of_channels_is_current() -> None:
    for path, text in channel_table().items():
        assert path.read_text("utf-8") == text, f"{path.name}: {REMEDY}"


def test_the_names_of_variables_are_current() -> None:
    """A variable that is not listed would be told to have no effect."""
    for path, text in variable_names().items():
        assert path.read_text("utf-8") == text, f"{path.name}: {REMEDY}"


def test_no_document_of_a_removed_stream_table_or_service_remains() -> None:
    assert {path.stem for path in (DOCS / "schemas").iterdir()} == set(contracts())
    assert {path.stem for path in (DOCS / "asyncapi").iterdir()} == set(SERVICES)


async def test_the_asyncapi_documents_are_current(tmp_path: Path) -> None:
    for path, text in (await asyncapi(tmp_path)).items():
        assert path.read_text("utf-8") == text, f"{path.name}: {REMEDY}"


async def test_the_openapi_document_is_current(tmp_path: Path) -> None:
    for path, text in (await openapi(tmp_path)).items():
        assert path.read_text("utf-8") == text, f"{path.name}: {REMEDY}"


def test_every_stream_has_the_writer_and_the_readers_of_the_table() -> None:
    """INVARIANT: the stream table is the architecture; the services do as it says."""
    written: dict[str, list[str]] = {}
    read: dict[str, list[str]] = {}
    for service in SERVICES:
        document = json.loads((DOCS / "asyncapi" / f"{service}.json").read_text("utf-8"))
        for operation in document["operations"].values():
            channel = document["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
            kind = written if operation["action"] == "send" else read
            kind.setdefault(channel["address"], []).append(service)
    assert {name: len(services) for name, services in written.items()} == {stream.name: 1 for stream in STREAMS}
    assert {name: tuple(services) for name, services in read.items()} == {s.name: s.groups for s in STREAMS}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_an_event_as_it_is_published_fits_its_schema(stream: Any) -> None:
    event = EVENTS[stream.name]
    body = json.loads(event.model_dump_json(exclude_none=True))
    Draft202012Validator(committed(stream.name)).validate(body)
    assert stream.event.model_validate(body) == event


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_an_unknown_field_is_ignored(stream: Any) -> None:
    body = json.loads(EVENTS[stream.name].model_dump_json(exclude_none=True))
    inner = body.get("item") or body.get("paper") or body
    inner["unheard_of"] = body["unheard_of"] = {"of": ["anything"]}
    assert stream.event.model_validate(body) == EVENTS[stream.name]
    assert Draft202012Validator(committed(stream.name)).is_valid(body)


def test_the_schemas_extend_those_of_every_release_and_of_the_last_commit() -> None:
    """INVARIANT: a breaking change of an event is a new stream, never a new meaning of an old one."""
    checked = 0
    for reference in (*git("tag", "--list", "v*").split(), "HEAD"):
        for name, schema in contracts().items():
            if text := git("show", f"{reference}:docs/schemas/{name}.json"):
                checked += 1
                assert breaking(json.loads(text), schema) == [], f"{name}, {reference}"
    if not checked:
        pytest.skip("no schema of a release or commit to compare with: this is no git checkout, or the first commit")
