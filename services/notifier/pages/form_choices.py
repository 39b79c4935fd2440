"""What the form of a subscription offers, in words. Pure."""

from typing import Final
from zoneinfo import available_timezones

from services.notifier.subscription.digest_schedule import Weekday
from shared.text.spoken_languages import LANGUAGES

OFTEN: Final = (("daily", "Every day"), ("weekly", "Every week"), ("instant", "As soon as a paper is found"))
VOLUMES: Final = ("5", "20", "50")
DAYS: Final = tuple(day.value for day in Weekday)
TRENDING: Final = "trending"
BY_MAIL: Final = "email"
GATHERED: Final = (BY_MAIL, "feed")
"""The channels for which a digest is the usual schedule; others get alerts as soon as a paper is found."""
KEPT: Final = "kept"
"""The choice of a volume that leaves the threshold of a subscription as it is."""
CHANGES: Final = {
    "new": "is new", "revised": "is revised", "published": "is published in a venue", "code_added": "gets code",
    "withdrawn": "is withdrawn", "restored": "is no longer withdrawn", "trending": "is trending",
    "signals": "gets upvotes, citations, stars or comments",
}  # fmt: skip
"""The changes in words that follow "when a paper"."""
CHIPS: Final = {
    "like": "like {}", "unlike": "not like {}", "must": "“{}”", "any": "any of “{}”", "not": "not “{}”",
    "authors": "by {}", "mute_authors": "not by {}", "sources": "seen at {}",
}  # fmt: skip
"""The lists of a subscription by the names of the API, and how a value is shown."""
MORE: Final = {
    "authors": "Authors, any of them", "must": "Phrases that must all occur", "any": "Phrases of which one must occur",
    "not": "Phrases that must not occur", "sources": "Sources, any of them", "mute_authors": "Authors to leave out",
    "like": "Ids of papers to match, such as arXiv:2401.00001", "unlike": "Ids of papers to avoid",
}  # fmt: skip
"""The lists to which values can be added, one a line, and their labels."""
MORE_INPUTS: Final = ("cites", *(f"{name}_more" for name in MORE))
"""The names of the inputs of these lists, and of the others beside them that can be wrong."""
SPOKEN: Final = tuple(sorted(((code, language.name) for code, language in LANGUAGES.items()), key=lambda pair: pair[1]))
"""The languages of summaries: their codes and names."""


def zones() -> list[str]:
    """Return the names of time zones that a reader may choose."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]
