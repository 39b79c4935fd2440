"""Whether one JSON Schema of an event extends another additively: old and new services can then run side by side.

Additive is a new optional field, anywhere, and nothing else. A consumer that is older than its producer meets fields
it ignores; one that is newer finds a default in their place.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# Words about a schema for its readers, and the names of what it refers to: they bind nobody.
_WORDS = {"title", "description", "examples", "default", "$defs", "$id", "$schema", "$ref", "properties", "required"}
_NESTED = ("items", "additionalProperties")


def breaking(old: Schema, new: Schema) -> list[str]:
    """Name every difference that is not additive, each with the place where it is; an empty list is a yes."""
    return list(_differences(old, new, old, new, "the body", ()))


def _differences(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, where: str, seen: tuple[str, ...]
) -> Iterator[str]:
    if old.get("$ref") in seen:
        return  # it contains itself, and is being compared further up
    seen = (*seen, old["$ref"]) if "$ref" in old else seen
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    yield from _fields(old, new, old_root, new_root, where, seen)
    yield from _choices(old, new, old_root, new_root, where, seen)
    for word in _NESTED:
        if isinstance(old.get(word), Mapping) and isinstance(new.get(word), Mapping):
            yield from _differences(old[word], new[word], old_root, new_root, f"{where}[]", seen)
        elif old.get(word) != new.get(word):
            yield f"{where}: {word} was {old.get(word)}, is {new.get(word)}"
    for word in sorted((old.keys() | new.keys()) - _WORDS - {*_NESTED, "anyOf"}):
        if _plain(old.get(word)) != _plain(new.get(word)):
            yield f"{where}: {word} was {old.get(word)}, is {new.get(word)}"


def _fields(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, where: str, seen: tuple[str, ...]
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    for name, schema in before.items():
        place = f"{where}.{name}"
        if name not in after:
            yield f"{place} is gone"
            continue
        if (name in must_before) != (name in must_after):
            yield f"{place} was {_need(name in must_before)}, is {_need(name in must_after)}"
        yield from _differences(schema, after[name], old_root, new_root, place, seen)
    for name in sorted(must_after - before.keys()):
        yield f"{where}.{name} is new and required"


def _choices(
    old: Schema, new: Schema, old_root: Schema, new_root: Schema, where: str, seen: tuple[str, ...]
) -> Iterator[str]:
    before, after = old.get("anyOf", []), new.get("anyOf", [])
    if len(before) != len(after):
        yield f"{where}: one of {len(before)} kinds became one of {len(after)}"
        return
    for one, other in zip(before, after, strict=True):
        yield from _differences(one, other, old_root, new_root, where, seen)


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    target: Any = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return {**target, **{word: value for word, value in schema.items() if word != "$ref"}}


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, list) else value


def _need(required: bool) -> str:
    return "required" if required else "optional"
