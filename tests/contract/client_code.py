"""The part of the Python client that is written from the OpenAPI document; `regenerate` writes it."""

import keyword
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
FOLDER: Final = Path(__file__).parents[2] / "paperwire" / "client"
_HEAD: Final = '"""{about}\n\nMade from the OpenAPI document: `python -m tests.contract.regenerate` writes it.\n"""\n\n'
_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_QUERY: Final = "{name}Query"


def client_code(document: Json) -> dict[Path, str]:
    """Return the files of the client that a document determines."""
    return {
        FOLDER / "schemas.py": _formatted(_schemas(document["components"]["schemas"])),
        FOLDER / "operations.py": _formatted(_operations(document)),
    }


def _formatted(text: str) -> str:
    """Write a file as our style has it: what follows from the document alone need not be in order."""
    for command in (("check", "--fix-only", "--quiet"), ("format",)):
        words = (sys.executable, "-m", "ruff", *command, "--stdin-filename", str(FOLDER / "schemas.py"), "-")
        text = subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout
    return text


def _type(schema: Json, prefix: str = "") -> str:
    """Return the Python type of a schema; `prefix` stands before the names of others."""
    if "$ref" in schema:
        return prefix + str(schema["$ref"].rpartition("/")[2])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(choice, prefix) for choice in choices))
    if "const" in schema or "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema.get('enum', [schema.get('const')])))}]"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_type(schema.get('items', {}), prefix)}]"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {_type(schema['additionalProperties'], prefix)}]"
    return "dict[str, Any]" if kind == "object" else _PLAIN.get(str(kind), "Any")


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _schemas(schemas: Json) -> str:
    head = _HEAD.format(about="The objects of the API, as dictionaries with types.")
    imports = "from __future__ import annotations\n\nfrom typing import Any, Literal, NotRequired, TypedDict\n\n"
    objects = {name: schema for name, schema in schemas.items() if "properties" in schema}
    aliases = [f"{name} = {_type(schema)}" for name, schema in schemas.items() if name not in objects]
    return "\n\n".join([head + imports + "\n".join(aliases), *(_object(*row) for row in objects.items())]) + "\n"


def _object(name: str, schema: Json) -> str:
    required = set(schema.get("required", ()))
    types = {field: _type(inner) for field, inner in schema["properties"].items()}
    fields = {field: kind if field in required else f"NotRequired[{kind}]" for field, kind in types.items()}
    about = " ".join(schema.get("description", f"The object {name}").split()).rstrip(".") + "."
    if all(map(_is_name, fields)):
        return f'class {name}(TypedDict):\n    """{about}"""\n\n' + "".join(
            f"    {field}: {kind}\n" for field, kind in fields.items()
        )
    rows = ", ".join(f"{field!r}: {kind!r}" for field, kind in fields.items())
    return f'{name} = TypedDict("{name}", {{{rows}}})\n"""{about}"""\n'


def _operations(document: Json) -> str:
    rows = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    head = _HEAD.format(about="The operations of the API as methods.")
    imports = (
        "from collections.abc import AsyncIterator, Iterator\n"
        "from typing import Any, Literal, Required, TypedDict, Unpack\n\n"
        "from paperwire.client import schemas\nfrom paperwire.client.calls import Call\n\n"
    )
    queries = [text for *_, operation in rows if (text := _query(operation))]
    classes = [_class("Operations", "", rows, document), _class("AsyncOperations", "async ", rows, document)]
    return "\n\n".join([head + imports, *queries, *classes]) + "\n"


def _query_rows(operation: Json) -> list[Json]:
    return [row for row in operation["parameters"] if row["in"] == "query"]


def _query_name(operation: Json) -> str:
    return _QUERY.format(name="".join(part.capitalize() for part in operation["operationId"].split("_")))


def _query(operation: Json) -> str:
    rows = _query_rows(operation)
    if not rows:
        return ""
    fields = ""
    for row in rows:
        name, kind = row["name"], _type(row["schema"], "schemas.")
        fields += f"    {name if _is_name(name) else name + '_'}: {f'Required[{kind}]' if row['required'] else kind}\n"
    about = f"The query of `{operation['operationId']}`."
    return f'class {_query_name(operation)}(TypedDict, total=False):\n    """{about}"""\n\n{fields}'


def _class(name: str, prefix: str, rows: list[tuple[str, str, Json]], document: Json) -> str:
    many = "AsyncIterator" if prefix else "Iterator"
    text = (
        f'class {name}:\n    """One method for each operation; those that list have one that follows the pages."""\n\n'
    )
    text += f"    {prefix}def _call(self, call: Call) -> Any:\n        raise NotImplementedError\n\n"
    text += f"    def _each(self, call: Call, rows: str) -> {many}[Any]:\n        raise NotImplementedError\n\n"
    return text + "\n".join(text for row in rows for text in _methods(*row, prefix, document))


def _methods(path: str, method: str, operation: Json, prefix: str, document: Json) -> Iterator[str]:
    form, answer, schema = _answer(operation)
    parts = [row["name"] for row in operation["parameters"] if row["in"] == "path"]
    arguments = "".join(f", {part}_: str" for part in parts)
    given = [repr(method), repr(path), repr(form)]
    if parts:
        given.append("parts={" + ", ".join(f"{part!r}: {part}_" for part in parts) + "}")
    if "requestBody" in operation:
        body = next(iter(operation["requestBody"]["content"].values()))["schema"]
        arguments += f", body: {_type(body, 'schemas.')}"
        given.append("body=body")
    if _query_rows(operation):
        arguments += f", **query: Unpack[{_query_name(operation)}]"
        given.append("query={**query}")
    if any(row["name"] == "Idempotency-Key" for row in operation["parameters"]):
        given.append("once=True")
    name, about = operation["operationId"], operation["summary"].rstrip(".")
    call = f"Call({', '.join(given)})"
    done = f"{'await ' if prefix else ''}self._call({call})"
    last = done if answer == "None" else f"result: {answer} = {done}\n        return result"
    yield f'    {prefix}def {name}(self{arguments}) -> {answer}:\n        """{about}."""\n        {last}\n'
    if method == "GET" and (row := _row(schema, document)):
        field, kind = row
        many = "AsyncIterator" if prefix else "Iterator"
        yield (
            f"    def iter_{name}(self{arguments}) -> {many}[{kind}]:\n"
            f'        """Read the rows of `{name}`, page after page."""\n        return self._each({call}, {field!r})\n'
        )


def _answer(operation: Json) -> tuple[str, str, Json]:
    """Return the form of an answer, its Python type, and its schema."""
    success = next(row for status, row in operation["responses"].items() if status.startswith("2"))
    content = success.get("content", {})
    if not content:
        return "nothing", "None", {}
    media, described = next(iter(content.items()))
    if len(content) > 1 or not media.endswith("json"):
        return "text", "str", {}
    return "json", _type(described["schema"], "schemas."), described["schema"]


def _row(schema: Json, document: Json) -> tuple[str, str] | None:
    """Return the field of a page that has its rows, and their type; None for an answer that is no page."""
    found = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    fields = found.get("properties", {})
    if "next_cursor" not in fields:
        return None
    name = next(name for name, field in fields.items() if "$ref" in field.get("items", {}))
    return name, _type(fields[name]["items"], "schemas.")
