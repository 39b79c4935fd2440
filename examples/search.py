"""Search from Python: print the papers that match a query, best first.

python examples/search.py "robots that fold origami"     PAPERWIRE_URL changes the address of the instance

Needs Python 3.11 and nothing else.
"""

import json
import os
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

BASE = os.environ.get("PAPERWIRE_URL", "http://127.0.0.1:8080")


def search(query: str, **filters: str | int) -> list[dict[str, Any]]:
    """Return the results of a search; `filters` are the parameters of GET /v1/search, such as `category` or `limit`."""
    parameters = urlencode({"q": query, **filters})
    with urlopen(f"{BASE}/v1/search?{parameters}", timeout=10) as answer:  # noqa: S310  # the address is the user's own
        results: list[dict[str, Any]] = json.load(answer)["results"]
    return results


if __name__ == "__main__":
    try:
        found = search(" ".join(sys.argv[1:]), limit=5)
    except HTTPError as error:  # the body is a problem document (RFC 9457), whose detail says what to change
        sys.exit(json.load(error)["detail"])
    for result in found:
        print(f"{result['score']:.2f}  {result['paper']['title']}  {result['paper']['id']}")
