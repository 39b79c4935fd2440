"""Examples of the operations of reading lists, by their names in the OpenAPI document."""

from typing import Any, Final

from services.notifier.api.subscription_examples import FEEDS
from shared.export.example_files import example_files
from shared.export.paper_example import PAPER
from shared.http.examples import Example

_AT: Final = "2026-01-02T08:00:00Z"
_ID: Final = PAPER["id"]
_MARKS: Final[dict[str, Any]] = {
    "saved": True,
    "read": False,
    "tags": ["to discuss"],
    "note": "Compare with our baseline.",
}
_MARK: Final = {**_MARKS, "hidden": False, "liked": False, "disliked": False}
_ROW: Final = {
    "id": _ID,
    "title": PAPER["title"],
    "added_at": _AT,
    "saved_at": _AT,
    "tags": _MARKS["tags"],
    "note": _MARKS["note"],
    "paper": PAPER,
}
_PAGE: Final = {"papers": [_ROW], "next_cursor": None}
_BY_ID: Final = {"id": _ID}

READING_EXAMPLES: Final[dict[str, Example]] = {
    "list_reading": Example(_PAGE, {"state": "unread", "tag": "to discuss"}),
    "delete_reading_list": Example(),
    "mark_paper": Example({"paper": _ID, "mark": _MARK}, _BY_ID, _MARKS),
    "unmark_paper": Example(parameters=_BY_ID),
    "get_marks": Example({"marks": {_ID: _MARK}}, {"id": [_ID]}),
    "count_reading": Example(
        {
            "states": {"saved": 12, "unread": 7, "read": 5, "hidden": 2, "liked": 3, "disliked": 1},
            "tags": [{"tag": "to discuss", "count": 4}],
        }
    ),
    "import_reading": Example(
        {"imported": 1, "unknown": []},
        body={"papers": [{"id": _ID, "title": PAPER["title"], "saved_at": _AT, "tags": ["to discuss"]}]},
    ),
    "get_reading_feed": Example(FEEDS),
    "rotate_reading_feed": Example(FEEDS),
    "export_reading": Example({"papers": [_ROW]}, {"format": "json", "state": "saved"}, files=example_files()),
}
