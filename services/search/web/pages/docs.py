"""The documentation of the API: the OpenAPI documents of all services, as rows of one page."""

import json
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from services.search.api.reader import Reader
from services.search.web.render import render

Json = dict[str, Any]


async def show(_reader: Reader, _request: web.Request) -> web.StreamResponse:
    """Show the page that tries the API; its script reads the OpenAPI document."""
    return render("docs.html")


async def show_plain(reader: Reader, _: web.Request) -> web.StreamResponse:
    """Show the documentation of the API of the whole instance, whichever processes it runs as; it needs no script."""
    return render("docs_plain.html", operations=joined(await reader.instance.documents()))


def joined(documents: Sequence[Json]) -> list[Json]:
    """List the operations of several documents by their paths; one that is the same in several is listed once."""
    found = {(row["path"], row["method"], row["summary"]): row for each in documents for row in operations(each)}
    return [found[key] for key in sorted(found)]


def operations(document: Json) -> list[Json]:
    """List the operations with their parameters and fields, in the order of their paths."""
    schemas = document["components"]["schemas"]
    return [
        {
            "method": method.upper(),
            "path": path,
            "id": operation["operationId"],
            "summary": operation["summary"],
            "description": operation["description"],
            "parameters": [_parameter(row, schemas) for row in operation["parameters"]],
            "body": _fields(operation.get("requestBody"), schemas),
            "answer": _fields(_success(operation["responses"]), schemas),
            "secured": bool(operation.get("security")),
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def _parameter(row: Json, schemas: Json) -> Json:
    schema = row["schema"]
    return {
        "name": row["name"],
        "type": _type(schema, schemas),
        "default": _default(schema),
        "description": row.get("description", "in the path" if row["in"] == "path" else ""),
        "required": row["required"],
    }


def _success(responses: Json) -> Json:
    return next((response for status, response in responses.items() if status.startswith("2")), {})


def _fields(content: Json | None, schemas: Json) -> list[Json]:
    """List the fields of a JSON body, one level deep."""
    media: Json = next(iter((content or {}).get("content", {}).values()), {})
    schema = _resolved(media.get("schema", {}), schemas)
    return [
        {
            "name": name,
            "type": _type(field, schemas),
            "default": _default(field),
            "description": field.get("description", ""),
            "required": name in schema.get("required", ()),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _resolved(schema: Json, schemas: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = schemas[name] if name else schema
    return found


def _default(schema: Json) -> str:
    return json.dumps(schema["default"]) if schema.get("default") not in (None, [], "") else ""


def _type(schema: Json, schemas: Json) -> str:
    """Return the name of a type for readers: `list of string`, `hybrid | semantic | lexical`."""
    resolved = _resolved(schema, schemas)
    if "enum" in resolved:
        return " | ".join(map(str, resolved["enum"]))
    if "$ref" in schema:
        return str(resolved.get("title", "object"))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each, schemas) for each in schema["anyOf"] if each != {"type": "null"}))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), schemas)}"
    kind = str(schema.get("type", schema.get("const", "any")))
    return f"{kind} ({schema['format']})" if "format" in schema else kind
