"""The people and groups that one text names: one grammar for every source that sends one text. Pure.

    list = name { (";" | "and" | "&" | ",") name } [ "et al." ]
    name = given family | family "," given | family "," suffix "," given | group | "{" anything "}"

A comma stands between two names or inside of one. It is inside of a name before initials and suffixes ("Doe, J., Roe,
R."), in lists that have another separator ("Doe, Jane; Roe, Richard"), and after what is likely a family name ("van der
Berg, Jan"). So "Doe, Jane" is one person, and "Jane Doe, Richard Roe" are two. Affiliations in parentheses are dropped.
Groups keep their "and" and their commas where their words tell them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from shared.papers.author_notes import without_notes
from shared.papers.bounds import MAX_AUTHOR, MAX_AUTHOR_LINE
from shared.papers.name_parts import COMPOUNDS, GROUPS, PARTICLES, is_suffix
from shared.text.letters import fold_letters

_SIGNS: Final = str.maketrans(
    {"；": ";", "，": ",", "、": ",", "＆": "&", "•": ";", "|": ";", **dict.fromkeys("*†‡§¶¹²³⁰⁴⁵⁶⁷⁸⁹")}
)
_ODD: Final = r"[(){};:&|]| (?:und|et|AND|al)\b|^(?:By|by|Author|and )|\.\.\.|[^\x00-\u024f]|[*§¶²³¹]"
"""What stands neither in one name nor in most lists of names."""
_MANY: Final = re.compile(rf"{_ODD}|,| and\b")
_HARD: Final = re.compile(rf"{_ODD}|, ?(?:[JS](?:unio|enio)?r|I{{1,3}}|IV|[A-Z][A-Za-z]{{0,2}}[A-Z])\b")
_SIGNS_ALONE: Final = frozenset({",", ";", ":", ""})
_ASIDE: Final = re.compile(r" ?\([^()]*\)")
_NESTED: Final = 5
_LEAD: Final = re.compile(r"(?:by|authors? ?:|by ?:) ", re.IGNORECASE)
_OTHERS: Final = re.compile(
    r"(?:(?:^|[ ,;&])(?:et\.? ?al(?:ii|iae)?|(?:and|&) (?:the )?(?:others|colleagues)|u\. ?a)\.?|…|\.\.\.)[ ,;.]*+$",
    re.IGNORECASE,
)
_TAIL: Final = 60  # characters of the end of a text, which may say that there are other authors
_TOKENS: Final = re.compile(r"[{};,]|:(?= )|(?:^| )(?:and|AND|und|et|&)(?= )")
_INITIALS: Final = re.compile(r"(?:[^\W\d_][a-z]?\.[ -]?|[^\W\d_](?:[ -]|$)){1,6}")
_PACK: Final = re.compile(r"[A-Z]{1,3}")
_OPEN: Final = frozenset({"of", "for", "on", "de", "des", "du", "für", "der", "del", "di", "do", "da", "la", "the"})
"""Words after which the name of a group goes on: Department of Trade and Industry."""
_EASTERN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_PAIR: Final = 2


@dataclass(slots=True)
class _Part:
    """A piece of a line, what stands before it, and the strongest sign of that. `whole`: nothing more belongs to it."""

    text: str
    glue: str = ""
    before: str = ""
    whole: bool = False

    @property
    def words(self) -> list[str]:
        """Its words without particles. One with a capital may be a name: Shan Du."""
        return [word for word in self.text.split() if word not in PARTICLES]

    @property
    def single(self) -> bool:
        """Whether it is one word, particles left out, which is no name in full."""
        return len(self.words) <= 1 and not _EASTERN.search(self.text)

    @property
    def family(self) -> bool:
        """Whether it is likely a family name of several words: van der Berg, De la Cruz, García Márquez."""
        first, second, *_ = [*self.text.split(), "", ""]
        two = fold_letters(first), fold_letters(second)
        return first in PARTICLES or (two[0] in PARTICLES and second in PARTICLES) or COMPOUNDS.issuperset(two)

    @property
    def has_initials(self) -> bool:
        """Whether a word of several is initials, so that it is a name in full."""
        words = self.text.split()
        return len(words) > 1 and any(map(_is_initials, words))


Chunk = list[_Part]


class _Style(NamedTuple):
    """What the names that stand alone tell of a list: whether there are any, and whether all are single words."""

    alone: bool
    singles: bool


def split_authors(text: str, *, given_first: bool = False) -> tuple[str, ...]:
    """Return the names in a text, each as it is written there; "et al." is none.

    `given_first` says that the source writes given names first, so that every comma stands between two names.
    """
    line = without_notes(" ".join(text[:MAX_AUTHOR_LINE].split()))
    if _MANY.search(line) is None:
        return (line,) if any(map(str.isalnum, line)) else ()
    if given_first and _HARD.search(line) is None:  # nearly all lists of archives, in a tenth of the time
        return tuple(name for part in line.replace(" and ", ",").split(",") if (name := part.strip()))
    names = _names(_chunks(_with_groups(_parts(_plain(line)))), given_first=given_first)
    return tuple(name for one in names if any(map(str.isalnum, name := _unbraced(one))))


def as_one(name: str) -> str:
    """Return a name as a list of authors has to hold it to be read as this one name: in braces if need be."""
    return name if split_authors(name) == (name,) else f"{{{name}}}"


def _names(chunks: list[Chunk], *, given_first: bool) -> Iterator[str]:
    others = any(chunk[0].before not in {"", ";", ":"} for chunk in chunks)
    listed = any(chunk[0].before == ";" for chunk in chunks)
    paired = len(chunks) > 1 and others and all(len(chunk) == _PAIR for chunk in chunks)
    alone = [chunk[0] for chunk in chunks if len(chunk) == 1 and not chunk[0].whole]
    style = _Style(bool(alone), all(part.single for part in alone))
    for chunk in chunks:
        if given_first:
            yield from (part.text for part in _attached(chunk, initials=False))
        elif len(chunk) == 1 or paired or (listed and len(chunk) == _PAIR and not any(map(_is_name, chunk))):
            yield ", ".join(part.text for part in chunk)
        else:
            yield from _people(_attached(chunk), style)


def _plain(line: str) -> str:
    """Return a line without affiliations, marks of footnotes, and the words that say that there are other authors."""
    for _ in range(_NESTED):
        if "(" not in line:
            break
        line = _ASIDE.sub("", line)
    line = line.translate(_SIGNS)
    if lead := _LEAD.match(line):
        line = line[lead.end() :]
    return line[:-_TAIL] + _OTHERS.sub("", line[-_TAIL:])


def _parts(line: str) -> list[_Part]:
    """Split a line at its separators; what stands in braces is not split. Of two separators the stronger one counts."""
    parts: list[_Part] = []
    glue, before, start, depth = "", "", 0, 0
    tokens = [(token.start(), token.end(), token[0].strip()) for token in _TOKENS.finditer(line)]
    for end, following, sign in [*tokens, (len(line), len(line), "")]:
        depth = max(depth + (sign == "{") - (sign == "}"), 0) if sign else 0
        if depth or sign in {"{", "}"} or (sign == ":" and not _is_group(line[start : min(end, start + MAX_AUTHOR)])):
            continue
        text = line[start:end].strip()
        if text:
            parts.append(_Part(text, glue, before, text.startswith("{") and text.endswith("}")))
            glue = before = ""
        glue += sign if sign in _SIGNS_ALONE else f" {sign}"
        before = sign if before in {"", ","} else before
        start = following
    return parts


def _with_groups(parts: list[_Part]) -> list[_Part]:
    """Join again what belongs to the name of a group: Trade and Industry, or Gemini Team, Google."""
    kept: list[_Part] = []
    for at, part in enumerate(parts):
        last = kept[-1] if kept else None
        if last and not last.whole and _goes_on(last, part, alone=len(parts) == _PAIR, end=at == len(parts) - 1):
            last.text += f"{part.glue} {part.text}"
        else:
            kept.append(part)
    for part in kept:
        part.whole = part.whole or _is_group(part.text)
    return kept


def _goes_on(last: _Part, part: _Part, *, alone: bool, end: bool) -> bool:
    """Return whether a part continues the name of a group: an open one, or by a single word at the end."""
    if len(last.text) > MAX_AUTHOR or part.before in {";", ":"}:
        return False
    if not _is_group(last.text) or _is_group(part.text) or _is_initials(part.text):
        return False
    words = last.text.split()
    places = [at for at, word in enumerate(words) if _is_group(word)]
    is_open = any(word.lower() in _OPEN for word in words[places[-1] + 1 :])
    if part.single:
        return is_open or (end and part.before == ",")
    return is_open and alone and part.before != "," and not part.has_initials


def _chunks(parts: list[_Part]) -> list[Chunk]:
    """Return runs of parts with commas between them."""
    chunks: list[Chunk] = []
    for part in parts:
        if chunks and part.before == ",":
            chunks[-1].append(part)
        else:
            chunks.append([part])
    return chunks


def _attached(chunk: Chunk, *, initials: bool = True) -> Chunk:
    """Attach suffixes and initials to the name before them."""
    kept: Chunk = []
    for part in chunk:
        last = kept[-1] if kept else part
        if last is part or part.whole or _is_group(last.text) or len(last.text) > MAX_AUTHOR:
            kept.append(part)
        elif is_suffix(part.text):
            in_full = "," not in last.text and len(last.words) > 1
            last.text += (" " if in_full else ", ") + part.text
            last.whole = last.whole or in_full
        elif initials and _is_initials(part.text):
            last.text += (" " if last.whole else ", ") + part.text
            last.whole = True
        elif initials and not last.whole and is_suffix(last.text.rpartition(", ")[2]):  # Doe, Jr., Jane
            last.text += f", {part.text}"
            last.whole = True
        else:
            kept.append(part)
    return kept


def _people(chunk: Chunk, style: _Style) -> Iterator[str]:
    """Yield the names of a chunk: what is no name in full makes pairs of family and given name."""
    for whole, run in groupby(chunk, key=lambda part: part.whole):
        texts = [part.text for part in run]
        if not whole and _are_pairs([_Part(text) for text in texts], style):
            yield from (f"{family}, {given}" for family, given in zip(texts[::2], texts[1::2], strict=True))
        else:
            yield from texts


def _is_name(part: _Part) -> bool:
    """Return whether a part is a name in full whatever stands beside it."""
    return part.whole or bool(_EASTERN.search(part.text))


def _are_pairs(run: Chunk, style: _Style) -> bool:
    """Return whether parts are family and given names by turns."""
    if len(run) % _PAIR or any(map(_is_name, run)):
        return False
    families, given = run[::2], run[1::2]
    if any(part.has_initials for part in families):
        return False
    if style.alone and style.singles and all(part.single for part in run):  # Doe, Roe and Poe
        return False
    if all(part.family or part.single for part in families):
        return all(part.single for part in given) or not style.alone or style.singles
    return len(run) == _PAIR and not style.alone and given[0].single


def _is_initials(text: str) -> bool:
    """Return whether a text is initials: J., J.-P., J P, JP; or shortened: Ph."""
    return bool(_INITIALS.fullmatch(text) or _PACK.fullmatch(text))


def _is_group(text: str) -> bool:
    """Return whether a text has a word that only names of groups have."""
    return not GROUPS.isdisjoint(fold_letters(text).replace(",", " ").split())


def _unbraced(name: str) -> str:
    return name[1:-1].strip() if name.startswith("{") and name.endswith("}") else name
