"""Ask Paperwire as an agent does, with the Model Context Protocol: list the tools, search, read one paper.

python examples/mcp_client.py "robots that fold origami"

Needs `pip install "mcp>=2"`. The client starts `paperwire mcp`, which finds the instance that runs on this machine;
for one that runs elsewhere start `paperwire mcp --http` there and pass its address to Client instead.
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters

SERVER = StdioServerParameters(command=sys.executable, args=["-m", "services", "mcp"], env=dict(os.environ))


async def main(query: str) -> None:
    """Search, and print the first paper."""
    async with Client(SERVER, read_timeout_seconds=60) as client:
        tools = await client.list_tools()
        print("tools:", ", ".join(sorted(tool.name for tool in tools.tools)))
        found = await client.call_tool("search", {"query": query, "limit": 3})
        if found.is_error or not found.structured_content:
            sys.exit(str(found.content))
        for paper in found.structured_content["papers"]:
            print(f"{paper['score']:.2f}  {paper['title']}")
        first = await client.call_tool("paper", {"id": found.structured_content["papers"][0]["id"]})
        print(first.structured_content["abstract"] if first.structured_content else first.content)


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:])))
