"""The rules of a robots.txt file (RFC 9309) that apply to this program. Pure."""

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote

AGENT: Final = "paperwire"
"""The product token by which a site names this program, in lower case."""
MAX_BYTES: Final = 512_000
"""Bytes of a file that are read; the standard asks for 500 KiB at least."""
MAX_RULES: Final = 1_000
MAX_PATTERN: Final = 2_000
_LINE: Final = re.compile(r"\s*([A-Za-z-]{5,12})\s*:([^#]*)")
_NAME: Final = re.compile(r"[A-Za-z_-]+|\*")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: whether a path that begins like `pattern` may be requested. `*` is any text, a `$` at its end the end."""

    allow: bool
    pattern: str

    def applies(self, path: str) -> bool:
        """Return whether a path with its query matches, in linear time."""
        whole = self.pattern.endswith("$")
        first, *rest = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        at = len(first)
        for part in rest[: -1 if whole else None]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if not whole:
            return True
        return at == len(path) if not rest else path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= at


def read_rules(body: bytes) -> list[Rule]:
    """Return the rules for this program, or else those for all programs.

    A file with too many rules, or with a rule that is too long, forbids everything.
    """
    own: list[Rule] = []
    general: list[Rule] = []
    named: set[str] = set()
    lines = body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    fields = [(found[1].lower(), found[2].strip()) for line in lines if (found := _LINE.match(line))]
    rules = [(field, value) for field, value in fields if field in {"user-agent", "allow", "disallow"}]
    for is_name, group in groupby(rules, key=lambda row: row[0] == "user-agent"):
        if is_name:
            named = {found[0].lower() for _, value in group if (found := _NAME.match(value))}
            continue
        made = [Rule(field == "allow", _escaped(value)) for field, value in group if value]
        own += made if AGENT in named else []
        general += made if "*" in named else []
    names = {found[0].lower() for field, value in rules if field == "user-agent" and (found := _NAME.match(value))}
    chosen = own if AGENT in names else general
    fit = len(chosen) <= MAX_RULES and all(len(rule.pattern) <= MAX_PATTERN for rule in chosen)
    return chosen if fit else [Rule(allow=False, pattern="/")]


def is_permitted(rules: list[Rule], path: str) -> bool:
    """Return whether a path with its query may be requested: the longest rule counts, of two of a length the milder."""
    path = _escaped(path)
    matching = [(len(rule.pattern), rule.allow) for rule in rules if rule.applies(path)]
    return path == "/robots.txt" or not matching or max(matching)[1]


def _escaped(path: str) -> str:
    """Write a path as requests do, so that two spellings of one path compare as equal."""
    return quote(path, safe="/%?=&*$:;,+!'()@~#[]-._")
