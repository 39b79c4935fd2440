"""An MCP server that says in one sentence what is wrong with a call."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from shared.validation_sentences import place, predicate, sentence


class PlainServer(MCPServer):
    """A server whose tools refuse arguments that they do not have, as a typing error would change the result."""

    def register(self, tool: Callable[..., Any], annotations: ToolAnnotations) -> None:
        """Register a tool; its schema says that there are no further arguments."""
        self.tool(annotations=annotations, structured_output=True)(tool)
        self._tool_manager.list_tools()[-1].parameters["additionalProperties"] = False

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
