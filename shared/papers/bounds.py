"""The bounds of what sources say about a paper, in one table: every field is within them before it is read. Pure."""

from typing import Final

NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
"""Code points that are never characters, for a class of a pattern: strict readers of UTF-8 refuse a file with one."""
MAX_TITLE: Final = 2_000
"""Characters, as in every bound of a text."""
MAX_ABSTRACT: Final = 50_000
MAX_AUTHORS: Final = 5_000
"""Authors of one paper: the largest collaborations name some 5,000 people."""
MAX_AUTHOR: Final = 300
MAX_AUTHOR_LINE: Final = 150_000
"""All authors in one text."""
MAX_CATEGORIES: Final = 100
MAX_CATEGORY: Final = 200
MAX_ID: Final = 512
MAX_IDS: Final = 20
"""Further ids of one paper."""
MAX_KIND: Final = 64
"""The kind of a further id, and the name of a source."""
MAX_URL: Final = 2_000
MAX_CODE: Final = 100
"""Repositories of one paper."""
MAX_VENUE: Final = 500
MAX_PLACE: Final = 60
"""A volume, a number, or pages."""
MAX_ANNOUNCED: Final = 40
MAX_MOMENT: Final = 100
MAX_VERSION: Final = 10_000
MAX_COUNT: Final = 2**53
"""The highest counter: readers of JSON lose digits beyond it."""
