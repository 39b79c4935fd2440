"""An MCP server that says in one sentence what is wrong with a call."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError, ToolAnnotations
from pydantic import ValidationError

from shared.validation_sentences import place, predicate, sentence


class PlainServer(MCPServer):
    """A server whose tools refuse arguments that they do not have, as a typing error would change the result."""

    def register(self, tool: Callable[..., Any], annotations: ToolAnnotations) -> None:
        """Register a tool; its schema says that there are no further arguments."""
        self.tool(annotations=annotations, structured_output=True)(tool)
        self._tool_manager.list_tools()[-1].parameters["additionalProperties"] = False

    async def run_stdio_async(self) -> None:
        """Serve standard input and output. A line that is no message of JSON-RPC is answered with an error."""
        options = self._lowlevel_server.create_initialization_options()
        async with stdio_server() as (lines, answers), anyio.create_task_group() as tasks:
            put, messages = anyio.create_memory_object_stream[SessionMessage | Exception](0)
            tasks.start_soon(_relay, lines, put, answers)
            await self._lowlevel_server.run(messages, answers, options)

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:  # noqa: ANN401  # as in MCPServer
        """Call a tool.

        Raises:
            ToolError: there is no such tool, an argument is wrong, or the tool failed; the text says what to do.

        """
        tool = self._tool_manager.get_tool(name)
        if tool is None:
            known = [one.name for one in self._tool_manager.list_tools()]
            raise ToolError(f"There is no tool {name}{_nearest(name, known)}.")
        if problem := refusal(tool, arguments):
            raise ToolError(problem)
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:
            raise
        except ToolError as error:
            raise ToolError(str(error).removeprefix(f"Error executing tool {name}: ")) from error


async def _relay(lines: Any, put: MemoryObjectSendStream[SessionMessage | Exception], answers: Any) -> None:  # noqa: ANN401  # streams of the library
    async with put:
        async for line in lines:
            if isinstance(line, Exception):
                await answers.send(SessionMessage(unreadable(line)))
            else:
                await put.send(line)


def unreadable(error: Exception) -> JSONRPCError:
    """Return the answer to a line that could not be read as a message."""
    first = error.errors(include_url=False)[0]["type"] if isinstance(error, ValidationError) else ""
    code, what = INVALID_REQUEST, "Invalid request: this JSON is no message of JSON-RPC 2.0."
    if first == "json_invalid":
        code, what = PARSE_ERROR, "Parse error: this line is no JSON. Send one message of JSON-RPC 2.0 a line."
    return JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=code, message=what))


def refusal(tool: Tool, arguments: dict[str, Any]) -> str | None:
    """Return a sentence on the first wrong argument of a call, or None."""
    known = list(tool.parameters["properties"])
    if unknown := next((name for name in arguments if name not in known), None):
        takes = f"it takes {', '.join(known)}" if known else "it takes no arguments"
        return f"The tool {tool.name} has no argument {unknown}{_nearest(unknown, known) or f'; {takes}'}."
    try:
        tool.fn_metadata.validate_arguments(arguments)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return sentence(place(first, arguments), predicate(first, known))
    return None


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; the nearest is {near[0]}" if near else ""
