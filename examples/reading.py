"""Search, and list what an author wrote, with the Python client.

python examples/reading.py http://localhost:8080 "code generation"

Needs `pip install "paperwire[client]"`.
"""

import sys
from itertools import islice

from paperwire.client import ApiError, Client

SHOWN = 5
"""Papers that are printed of each list."""


def main(url: str, query: str) -> None:
    """Print the papers that a search finds, and those of the first author of the best one."""
    with Client(url) as papers:
        found = list(islice(papers.iter_search(q=query), SHOWN))
        for row in found:
            print(f"{row['score'] or 0:.2f}  {row['paper']['title']}")
        if found and (authors := found[0]["paper"].get("authors")):
            name = authors[0]["name"]
            print(f"\n{name}:")
            for one in islice(papers.iter_author(name), SHOWN):
                print(f"      {one['paper']['title']}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ApiError as error:
        sys.exit(str(error))
