"""The OpenAPI document says of every operation what is true of it."""

from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel, create_model

from shared.http import Api, document
from shared.http.api import Query


async def nothing(_: web.Request) -> None:
    """Answer nothing."""


def api(model: type[BaseModel], path: str) -> Api:
    made = Api("test")
    made.route("GET", path, summary="Read", response=model)(nothing)
    return made


def statuses(**more: Any) -> set[str]:
    made = Api("test")
    made.route("GET", "/read", summary="Read", response=None, **more)(nothing)
    return set(document([made], version="1")["paths"]["/read"]["get"]["responses"])


def test_two_models_of_one_name_are_refused() -> None:
    one, other = create_model("Status", papers=(int, ...)), create_model("Status", state=(str, ...))
    document([api(one, "/one"), api(one, "/two")], version="1")
    with pytest.raises(ValueError, match="called Status"):
        document([api(one, "/one"), api(other, "/two")], version="1")


def test_media_types_have_their_own_schemas() -> None:
    made = Api("test", about="Tests.")
    made.route("GET", "/read", summary="Read", response={"text/plain": str, "application/json": list[int]})(nothing)
    described = document([made], version="1")
    content = described["paths"]["/read"]["get"]["responses"]["200"]["content"]
    assert [(media, row["schema"]["type"]) for media, row in content.items()] == [
        ("text/plain", "string"),
        ("application/json", "array"),
    ]
    assert described["tags"] == [{"name": "test", "description": "Tests."}]


def test_an_operation_says_whether_it_needs_a_key() -> None:
    made = Api("test")
    for path, secured in (("/public", False), ("/own", True)):
        made.route("GET", path, summary="Read", response=None, secured=secured)(nothing)
    paths = document([made], version="1")["paths"]
    assert (paths["/public"]["get"]["security"], paths["/own"]["get"]["security"]) == ([], [{"key": []}])


def test_problems_are_inferred_and_declared() -> None:
    plain = statuses()
    assert statuses(query=Query) - plain == {"422"}
    assert statuses(problems=(401, 404)) - plain == {"401", "404"}
