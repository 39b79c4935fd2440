"""The OpenAPI document is one that linters and generators of clients accept.

These are the rules of Redocly and Spectral that it broke, and what generators could not read. The programs themselves
read it in `tests/contract/clients`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.export.paper_files import FORMATS
from tests.contract.regenerate import DOCS

DOCUMENT: dict[str, Any] = json.loads((DOCS / "openapi.json").read_text("utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method} {path}": operation for path, row in DOCUMENT["paths"].items() for method, operation in row.items()
}


def inner(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object within a JSON value."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inner(one)


def broken(holds: Any) -> list[str]:
    return [name for name, operation in OPERATIONS.items() if not holds(operation)]


def test_the_document_says_where_it_holds_and_whose_it_is() -> None:
    assert all(server["url"] for server in DOCUMENT["servers"])
    assert DOCUMENT["servers"]
    assert {"contact", "license", "description"} <= DOCUMENT["info"].keys()


def test_every_tag_is_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == described


def test_every_operation_says_whether_it_needs_a_key() -> None:
    assert broken(lambda operation: "security" in operation) == []
    assert OPERATIONS["get /v1/search"]["security"] == []
    assert OPERATIONS["get /v1/subscriptions"]["security"] == [{"key": []}]


def test_every_operation_has_texts_and_an_answer_for_mistakes() -> None:
    assert broken(lambda one: one["summary"] and one["description"]) == []
    assert broken(lambda one: any(status.startswith("4") for status in one["responses"])) == []


def test_names_of_operations_are_unique_and_fit_into_programs() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z][a-z_]*", name)] == []


def test_every_list_says_what_it_holds() -> None:
    assert [row for row in inner(DOCUMENT) if row.get("type") == "array" and "items" not in row] == []


def test_a_fixed_text_is_the_last_choice() -> None:
    """openapi-python-client refuses what is not the text, and never looks at the choices after it."""
    unions = [
        row["anyOf"] if "anyOf" in row else row["oneOf"] for row in inner(DOCUMENT) if {"anyOf", "oneOf"} & row.keys()
    ]
    fixed = [choices for choices in unions if any("const" in one for one in choices)]
    assert fixed
    assert [choices for choices in fixed if any("const" in one for one in choices[:-1])] == []


@pytest.mark.parametrize("path", ("/v1/papers/{id}/citation", "/v1/export", "/v1/subscriptions/{id}/export"))
def test_each_format_of_a_file_has_a_schema_of_its_own_and_text_comes_first(path: str) -> None:
    """openapi-python-client reads every answer as the first media type that it knows: as text, it can read them all."""
    content = OPERATIONS[f"get {path}"]["responses"]["200"]["content"]
    assert {media: row["schema"]["type"] for media, row in content.items()} == {
        FORMATS["bibtex"].media: "string",
        FORMATS["ris"].media: "string",
        FORMATS["csl"].media: "array",
        FORMATS["jsonl"].media: "string",
    }
    assert next(iter(content)).startswith("text/")
