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


def test_problems_are_inferred_and_declared() -> None:
    plain = statuses()
    assert statuses(query=Query) - plain == {"422"}
    assert statuses(problems=(401, 404)) - plain == {"401", "404"}
