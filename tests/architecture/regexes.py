"""The regular expressions of the project, and texts that make one of them take long if anything does.

A pattern takes quadratic time or worse where it can read the same characters in many ways. So the texts for a pattern
repeat each of its own elements after what leads to that element, and end in something that does not match.
"""

import ast
import importlib
import re
import re._constants as tokens  # type: ignore[import-not-found]  # the parser of `re` has no types
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("shared", "embedded", "services")
_ANCHORED: Final = frozenset({"match", "fullmatch"})
_SAMPLES: Final = "a0 \tA_-.,;:/!?&=#%@'\"<>(){}[]\\|$^+*~`\n\u00e9\u0301\u4e00"
_END: Final = "\n!"
_MOST: Final = 9
"""Beginnings, and repeated texts, of one pattern."""


@dataclass(frozen=True)
class Regex:
    """A compiled pattern, where it is, and the methods that its module calls."""

    place: str
    pattern: "re.Pattern[Any]"
    methods: frozenset[str]

    @classmethod
    def of(cls, source: str) -> "Regex":
        """Make one that is searched for."""
        return cls(source, re.compile(source), frozenset({"search"}))

    @property
    def anchored(self) -> bool:
        """Whether it is only tried at the beginning of a text."""
        return bool(self.methods) and self.methods <= _ANCHORED

    def run(self, text: str) -> None:
        """Search a text, or match it at its beginning, as the project does."""
        given = text.encode("utf-8") if isinstance(self.pattern.pattern, bytes) else text
        if not self.anchored:
            self.pattern.search(given)
            self.pattern.sub(self.pattern.pattern[:0], given)
        elif "match" in self.methods:
            self.pattern.match(given)
        else:
            self.pattern.fullmatch(given)


def regexes() -> Iterator[Regex]:
    """Find the patterns that modules compile by name, and those that are written where they are used."""
    for module, tree in _modules():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and _is_assigned(tree, name):
                yield Regex(f"{module.__name__}.{name}", value, _methods(tree, name))
        for method, flags, source, line in _inline(tree):
            yield Regex(f"{module.__name__}:{line}", re.compile(source, flags), frozenset({method}))


def _modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    """Import the modules that import `re`."""
    for file in sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        text = file.read_text("utf-8")
        if "import re\n" in text:
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield importlib.import_module(".".join(part for part in parts if part != "__init__")), ast.parse(text)


def _is_assigned(tree: ast.Module, name: str) -> bool:
    targets = (target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets)
    annotated = (node.target for node in tree.body if isinstance(node, ast.AnnAssign))
    return any(isinstance(target, ast.Name) and target.id == name for target in (*targets, *annotated))


def _methods(tree: ast.Module, name: str) -> frozenset[str]:
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    )


def _inline(tree: ast.Module) -> Iterator[tuple[str, int, Any, int]]:
    """Find calls such as `re.split("…", text)`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr not in {"compile", "escape"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            flags = re.IGNORECASE if any(isinstance(each, ast.Attribute) for each in node.args[2:]) else 0
            yield node.func.attr, flags, node.args[0].value, node.lineno


def hostile_texts(pattern: "re.Pattern[Any]", length: int) -> Iterator[str]:
    """Return texts of some `length` characters for a pattern."""
    prefixes, pumps = _walk(pattern)
    seen = set()
    for prefix, pump in product(prefixes[-_MOST:], pumps[-_MOST:]):
        for unit in (pump, prefix + pump):
            for head in dict.fromkeys((prefix, "")):
                if unit and (head, unit) not in seen:
                    seen.add((head, unit))
                    yield head + unit * (length // len(unit)) + _END


def _walk(pattern: "re.Pattern[Any]") -> tuple[list[str], list[str]]:
    """Return shortest texts that lead to each element of a pattern, and texts that each element matches."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    prefixes, pumps = {"": None}, dict[str, None]()
    _visit(parser.parse(source, flags), "", prefixes, pumps)
    return list(prefixes), list(pumps)


def _visit(part: Any, before: str, prefixes: dict[str, None], pumps: dict[str, None]) -> str:  # of `re`
    """Add what a sequence of elements consists of; return the shortest text that it matches."""
    for token, value in part:
        prefixes[before] = None
        if token in (tokens.MAX_REPEAT, tokens.MIN_REPEAT, tokens.POSSESSIVE_REPEAT):
            least, _, inner = value
            once = _visit(inner, before, prefixes, pumps)[len(before) :]
            pumps[once] = None
            before += once * max(least, 0)
        elif token in (tokens.SUBPATTERN, tokens.ATOMIC_GROUP):
            before = _visit(value[-1] if token is tokens.SUBPATTERN else value, before, prefixes, pumps)
        elif token is tokens.BRANCH:
            before, *_ = [_visit(branch, before, prefixes, pumps) for branch in value[1]]
        elif token in (tokens.ASSERT, tokens.ASSERT_NOT):
            _visit(value[1], before, prefixes, pumps)
        else:
            before += _samples(token, value, pumps)
    prefixes[before] = None
    return before


def _samples(token: Any, value: Any, pumps: dict[str, None]) -> str:  # of `re`
    """Return one character that an element matches; add several."""
    if token is tokens.LITERAL:
        pumps[chr(value)] = None
        return chr(value)
    if token not in (tokens.IN, tokens.ANY, tokens.NOT_LITERAL):
        return ""
    item = parser.SubPattern(parser.State(), [(token, value)])
    found = re.compile(_source(item), re.DOTALL)
    some = [char for char in _SAMPLES if found.fullmatch(char)][:3] or [chr(_any_of(value))]
    pumps.update(dict.fromkeys(some))
    return some[0]


def _any_of(value: Any) -> int:  # of `re`
    """Return a character of a class that has none of the samples."""
    for token, inner in value:
        if token is tokens.LITERAL:
            return int(inner)
        if token is tokens.RANGE:
            return int(inner[0])
    return ord("a")


_CATEGORIES: Final = {
    tokens.CATEGORY_DIGIT: r"\d", tokens.CATEGORY_NOT_DIGIT: r"\D", tokens.CATEGORY_SPACE: r"\s",
    tokens.CATEGORY_NOT_SPACE: r"\S", tokens.CATEGORY_WORD: r"\w", tokens.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _source(item: Any) -> str:  # of `re`
    """Write a class of characters again as a pattern."""
    [(token, value)] = item
    if token is tokens.ANY:
        return "."
    if token is tokens.NOT_LITERAL:
        return f"[^{re.escape(chr(value))}]"
    negated = any(each is tokens.NEGATE for each, _ in value)
    return f"[{'^' * negated}{''.join(map(_element, value))}]"


def _element(element: tuple[Any, Any]) -> str:
    token, value = element
    if token is tokens.LITERAL:
        return re.escape(chr(value))
    if token is tokens.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return _CATEGORIES.get(value, "") if token is tokens.CATEGORY else ""
