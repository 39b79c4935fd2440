"""A file name says where one is: it occurs once, unless it is part of an anatomy."""

import re
from collections import Counter, defaultdict
from pathlib import Path

from tests.architecture.sources import modules

# The same part in every service, source or registry.
ANATOMY = {"__init__", "__main__", "bootstrap", "driver", "errors", "handlers", "parse", "port", "registry", "settings"}
# Two rooms each know another side of the same subject, or hold another kind of the same thing; their paths tell which.
HOMONYMS = {
    "announcements",
    "api",
    "api_keys",
    "app",
    "backfill",
    "build",
    "client",
    "conditions",
    "feed_routes",
    "filters",
    "paper",
    "quotas",
    "reader",
    "responses",
    "subscriptions",
    "values",
    "vectors",
}


ENDING = re.compile(r"(?:ations?|ings?|ers?|ors?|ies|es|ed|e|s)$")
"""What twins differ by: match, matching, matcher."""


def test_files_of_a_folder_differ_by_more_than_an_ending() -> None:
    stems: dict[tuple[Path, str], list[str]] = defaultdict(list)
    for path in modules():
        stems[path.parent, ENDING.sub("", path.stem)].append(path.stem)
    assert [sorted(twins) for twins in stems.values() if len(twins) > 1] == [], "merge them, or name what differs"


def test_a_file_name_occurs_once() -> None:
    names = Counter(path.stem for path in modules())
    shared = {name: count for name, count in names.items() if count > 1 and name not in ANATOMY}
    assert {name for name, count in shared.items() if name not in HOMONYMS or count > 2} == set(), "qualify the name"
