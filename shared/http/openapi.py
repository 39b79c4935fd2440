"""The OpenAPI 3.1 document, made from the routes and their models."""

import functools
import inspect
import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from shared.http.api import Api, Route, dump
from shared.http.examples import added
from shared.http.shared_paths import joined
from shared.http.site import address

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that says what was wrong and what to do"},
    },
}
_REF = "#/components/schemas/{model}"


def document(apis: Iterable[Api], *, title: str = "Paperwire", version: str) -> dict[str, Any]:
    """Describe all operations of the given services.

    Raises:
        ValueError: two of their models have one name, so that one of them would be described as the other.

    """
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    paths: dict[str, Any] = {}
    tags: dict[str, Any] = {}
    for api in apis:
        tags[api.tag] = {"name": api.tag, "description": api.about}
        for route in api.routes:
            operations, method = paths.setdefault(plain_path(route.path), {}), route.method.lower()
            described = _operation(route, schemas)
            if example := api.examples.get(described["operationId"]):
                described = added(described, example)
            operations[method] = joined(operations[method], described) if method in operations else described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "A newswire for research papers: search them, subscribe to them.",
            "contact": {"name": "Whoever runs this instance"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document comes from"}],
        "tags": [tags[name] for name in sorted(tags)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "an API key of this instance: `paperwire keys create` makes one",
                }
            },
        },
    }


def served(document: dict[str, Any]) -> bytes:
    """Write a document for the client of this request: it names the address at which the client reached it."""
    return dump({**document, "servers": [{**document["servers"][0], "url": address()}]})


def plain_path(path: str) -> str:
    """Drop the regular expressions of a path's parameters."""
    return re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", path)


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "description": inspect.getdoc(route.handler) or route.summary,
        "tags": [route.tag],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", plain_path(route.path))
        ]
        + (_parameters(route.query, schemas) if route.query else [])
        + [_parameter(name, "header", schema, required=False) for name, schema in route.headers.items()],
        "responses": {str(route.status): _response(route, schemas)},
        "security": [{"key": []}] if route.secured else [],
    }
    for status in _failures(route):
        content = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
        operation["responses"][status] = {"description": "Problem details", "content": content}
    if route.body:
        schema = _schema(route.body, schemas, "validation")
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _failures(route: Route) -> list[str]:
    # 400, 414 and 431 are the server's own, for what it cannot read as a request.
    codes = ["400", "414", "429", "431", "503"]
    if "{" in route.path:
        codes.append("404")
    if route.query or route.body:
        codes.append("422")
    if route.body:
        codes += ["408", "413", "415"]
    if route.secured:
        codes += ["401", "403", "404", "409"]
    codes += map(str, route.problems)
    return sorted(set(codes))


def _response(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    if not route.answers:
        return {"description": "Done"}
    content = {media: {"schema": _schema(kind, schemas, "serialization")} for media, kind in route.answers.items()}
    return {"description": route.summary, "content": content}


def _schema(kind: Any, schemas: dict[str, Any], mode: Literal["validation", "serialization"]) -> Any:  # noqa: ANN401
    schema = dict(_described(kind, mode))
    _enter(schema.pop("$defs", {}), schemas)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        _enter({kind.__name__: schema}, schemas)
        return {"$ref": _REF.format(model=kind.__name__)}
    return schema


@functools.cache
def _described(kind: Any, mode: Literal["validation", "serialization"]) -> dict[str, Any]:  # noqa: ANN401
    """Return the schema of a type with its definitions; several operations and documents share it."""
    return TypeAdapter(kind).json_schema(ref_template=_REF, mode=mode)


def _enter(models: dict[str, Any], schemas: dict[str, Any]) -> None:
    for name, schema in models.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"Two different schemas are called {name}: rename one of the models.")


def _parameters(query: type[BaseModel], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = dict(_described(query, "validation"))
    _enter(schema.pop("$defs", {}), schemas)
    required = set(schema.get("required", ()))
    return [_parameter(name, "query", field, required=name in required) for name, field in schema["properties"].items()]


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    row = {"name": name, "in": place, "required": required, "schema": schema}
    return row | {"description": schema["description"]} if "description" in schema else row
