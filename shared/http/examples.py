"""Examples of operations: what a client sends, and what it gets. The OpenAPI document shows them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One use of an operation.

    `parameters` has the values in the path, the query and the headers by their names. `answer` is the body of the
    answer in its first media type, and `files` that in each of the other ones.
    """

    answer: Any = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Json | None = None
    files: Mapping[str, Any] = field(default_factory=dict)


def added(operation: Json, example: Example) -> Json:
    """Return an operation of an OpenAPI document with an example.

    Raises:
        ValueError: the example has a parameter that the operation lacks.

    """
    known = {row["name"] for row in operation["parameters"]}
    if unknown := example.parameters.keys() - known:
        raise ValueError(f"The example of {operation['operationId']} has the unknown parameter {min(unknown)}.")
    shown = {**operation, "parameters": [_parameter(row, example) for row in operation["parameters"]]}
    if example.body is not None:
        shown["requestBody"] = {**operation["requestBody"], "content": _content(operation["requestBody"], example.body)}
    responses = operation["responses"]
    success = next(status for status in responses if status.startswith("2"))
    if "content" in responses[success]:
        content = _content(responses[success], example.answer, example.files)
        shown["responses"] = {**responses, success: {**responses[success], "content": content}}
    return shown


def _parameter(row: Json, example: Example) -> Json:
    return row | {"example": example.parameters[row["name"]]} if row["name"] in example.parameters else row


def _content(described: Json, value: Any, files: Mapping[str, Any] | None = None) -> Json:  # noqa: ANN401  # JSON
    others = files or {}
    return {media: row | {"example": others.get(media, value)} for media, row in described["content"].items()}
