"""Operations of one path that differ by a query parameter, described as one: OpenAPI has one for a path and method."""

from collections.abc import Mapping
from typing import Any

Operation = dict[str, Any]
_OK = "200"


def joined(one: Operation, other: Operation) -> Operation:
    """Describe two operations that answer with JSON as one, whose answer is either of theirs.

    The example is that of the first: nobody can send the parameters of both.
    """
    parameters = [{row["name"]: row for row in operation["parameters"]} for operation in (one, other)]
    in_both = parameters[0].keys() & parameters[1].keys()
    schemas = [_schema(operation["responses"][_OK]) for operation in (one, other)]
    shown = {"schema": {"anyOf": schemas}} | _example(one["responses"][_OK])
    success = {**one["responses"][_OK], "content": {"application/json": shown}}
    return {
        **other,
        **one,
        "description": f"{one['description']}\n\n{other['description']}",
        "parameters": [
            _either(row, shown=name in parameters[0]) | {"required": row["required"] and name in in_both}
            for name, row in (parameters[1] | parameters[0]).items()
        ],
        "responses": {**other["responses"], **one["responses"], _OK: success},
        "security": _unique((one.get("security") or [{}]) + (other.get("security") or [{}])),
        "summary": f"{one['summary']}; {other['summary'][:1].lower()}{other['summary'][1:]}",
        "tags": _unique([*one["tags"], *other["tags"]]),
    }


def _either(row: Operation, *, shown: bool) -> dict[str, Any]:
    return {key: value for key, value in row.items() if shown or key != "example"}


def _schema(answer: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
    return answer["content"]["application/json"]["schema"]


def _example(answer: Mapping[str, Any]) -> dict[str, Any]:
    content = answer["content"]["application/json"]
    return {"example": content["example"]} if "example" in content else {}


def _unique(rows: list[Any]) -> list[Any]:
    return [row for n, row in enumerate(rows) if row not in rows[:n]]
