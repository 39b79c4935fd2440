"""What agents are told about a wrong call: one plain sentence, and the nearest name."""

import asyncio
from typing import Any

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from services.cli.agents.paper_tools import pairs
from services.cli.commands.mcp_server import server
from shared.errors import ConfigurationError

ROW: dict[str, Any] = {"id": "arXiv:2401.00001", "title": "T", "saved_at": "2026-01-02T08:00:00Z", "read_at": None}
LIST: dict[str, Any] = {
    "results": [],
    "subscriptions": [],
    "papers": [{**ROW, "tags": ["a"], "note": "n", "paper": None}],
    "next_cursor": None,
}


class Asked:
    """Stands in for the API of an instance, and keeps what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []

    async def __call__(self, path: str, method: str, **options: Any) -> Any:
        self.calls.append((method, path, options))
        if "nothing" in path:
            raise ConfigurationError("The paper nothing is not in the index.")
        return LIST


def refused(name: str, arguments: dict[str, Any], key: str | None = None) -> str:
    with pytest.raises(ToolError) as error:
        asyncio.run(server(Asked(), key).call_tool(name, arguments))
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    (
        ("search", {"catgory": "cs.CL"}, "The tool search has no argument catgory; the nearest is category."),
        ("subscriptions", {"x": 1}, "The tool subscriptions has no argument x; it takes no arguments."),
        ("serach", {}, "There is no tool serach; the nearest is search."),
        ("paper", {}, "id is required."),
        ("search", {"limit": "many"}, "limit must be a whole number."),
        ("search", {"limit": 0}, "limit must be greater than or equal to 1."),
        ("search", {"mode": "fast"}, "mode must be 'hybrid', 'semantic' or 'lexical'."),
        ("paper", {"id": "nothing"}, "The paper nothing is not in the index."),
        ("subscribe", {"query": "x"}, "Give either a webhook or an e-mail address."),
    ),
)  # fmt: skip
def test_a_wrong_call_is_refused_with_one_sentence(name: str, arguments: dict[str, Any], said: str) -> None:
    assert refused(name, arguments) == said


@pytest.mark.parametrize("name", ("subscriptions", "reading_list"))
def test_what_belongs_to_a_user_needs_a_key(name: str) -> None:
    assert "needs an API key" in refused(name, {})


def test_a_date_that_is_none_is_refused_without_an_address_of_pydantic() -> None:
    said = refused("search", {"since": "yesterday"})
    assert said.startswith("since ")
    assert "http" not in said


def test_filters_are_passed_on_and_one_text_is_a_list_of_one() -> None:
    asked = Asked()
    given = {"query": "x", "category": "cs.CL", "author": ["A", "B"], "since": "2024-01-31", "has_code": True}
    asyncio.run(server(asked, None).call_tool("search", given))
    ((method, path, options),) = asked.calls
    assert (method, path) == ("GET", "/v1/search")
    wanted = {("category", "cs.CL"), ("author", "A"), ("author", "B"), ("from", "2024-01-31"), ("has_code", "true")}
    assert wanted <= set(options["parameters"])


def test_saving_sends_what_is_given_and_the_key() -> None:
    asked = Asked()
    asyncio.run(server(asked, "pw_x").call_tool("save", {"paper": "hep-th/9901001", "tags": ["a"], "note": "n"}))
    ((method, path, options),) = asked.calls
    assert (method, path) == ("PATCH", "/v1/reading-list/papers/hep-th/9901001")
    assert options["body"] == {"saved": True, "tags": ["a"], "note": "n"}
    assert options["key"] == "pw_x"


def test_the_reading_list_is_brief() -> None:
    called = asyncio.run(server(Asked(), "pw_x").call_tool("reading_list", {"state": "unread"}))
    (row,) = called.structured_content["papers"]
    assert row == {
        **{key: ROW[key] for key in ("id", "title")},
        "saved": True,
        "read": False,
        "tags": ["a"],
        "note": "n",
        "paper": None,
    }


def test_every_tool_says_that_it_takes_no_other_arguments() -> None:
    tools = asyncio.run(server(Asked(), None).list_tools())
    assert len(tools) == 10
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools)


def test_parameters_that_are_none_are_left_out() -> None:
    assert pairs({"a": None, "b": [1, 2], "c": False}) == [("b", "1"), ("b", "2"), ("c", "false")]
