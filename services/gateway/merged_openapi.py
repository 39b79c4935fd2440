"""One OpenAPI document out of those of the services."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.gateway.routing import services_of
from shared.http.shared_paths import joined


def merged(own: dict[str, Any], documents: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Merge the paths that each service answers; `own` paths and texts take precedence.

    Models of one name are the same model: the services share code, and use different names where models differ.
    """
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {}
    for service, document in documents.items():
        for path, operations in document["paths"].items():
            if service in services_of(path):
                paths[path] = _beside(paths.get(path, {}), operations)
        _add(components, document)
    _add(components, own)
    return {
        **own,
        "tags": _tags([*documents.values(), own]),
        "paths": dict(sorted((paths | own["paths"]).items())),
        "components": {kind: dict(sorted(members.items())) for kind, members in components.items()},
    }


def _tags(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = {tag["name"]: tag for document in documents for tag in document.get("tags", ())}
    return [found[name] for name in sorted(found)]


def _beside(known: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Add the operations of one path to those of another service."""
    both = {method: joined(known[method], more[method]) for method in known.keys() & more.keys()}
    return known | more | both


def _add(components: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
    for kind, members in document.get("components", {}).items():
        components.setdefault(kind, {}).update(members)
