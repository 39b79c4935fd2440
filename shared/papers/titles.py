"""Texts of papers, cut, normalized and folded; titles, their marks, and whether two of them name one work.

Pure; rubrics are data.
"""

import re
import tomllib
import unicodedata
from importlib import resources
from itertools import groupby
from typing import Final, Literal

from shared.text.letters import fold_letters

MAX_MARKS: Final = 30
"""Combining marks in a row, as in Unicode's stream-safe text format (UAX 15): to order them takes quadratic time."""
_PAIRS: Final = "\u0f73\u0f75\u0f81"
"""Characters that are no combining marks but become two of them."""
MIN_LETTERS: Final = 16
"""Characters of a folded title below which it says too little to identify a work."""
MIN_EASTERN: Final = 4
"""The same for Chinese, Japanese and Korean, where a character says as much as a word."""
_RUBRICS: Final = tomllib.loads(resources.files(__package__).joinpath("rubrics.toml").read_text("utf-8"))
EASTERN: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD: Final = re.compile(r"[^\W_]+")
_LANGUAGE: Final = re.compile(r"(?<=\b[A-Z])(?:\+\+|#)")
_GREEK: Final = {
    code: unicodedata.name(chr(code)).rpartition(" ")[2].lower()
    for code in range(0x3B1, 0x3CA)
    if "FINAL" not in unicodedata.name(chr(code))
}


def _words(text: str) -> str:
    """Return the words of a text, folded, with single spaces."""
    folded = text.lower() if text.isascii() else fold_letters(text).replace("\u2019", "")
    return " ".join(_WORD.findall(folded.replace("'", "")))


def _any(name: str) -> str:
    phrases = sorted({_words(phrase) for phrase in _RUBRICS[name]}, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, phrases))})"


_BEGINNINGS: Final = {
    phrase.partition(" ")[0][:1] if EASTERN.match(phrase) else phrase.partition(" ")[0]
    for name in ("whole", "opening", "always")
    for phrase in map(_words, _RUBRICS[name])
}
"""The first words of all rubrics; the first characters of eastern ones. Most titles begin with another word."""
_NUMBERING: Final = frozenset(_RUBRICS["numbering"].split())
_ALWAYS: Final = re.compile(rf"{_any('always')}\b")
_OPENING: Final = re.compile(rf"{_any('opening')}\b")
_WHOLE: Final = re.compile(rf"(?P<rubric>{_any('whole')}|{_any('opening')})(?P<rest>.*)", re.DOTALL)
_COUNTED: Final = re.compile(r"\d{1,6}|[ivxlc]{1,7}")
_ISSUE: Final = re.compile(r"第?\s?[\d〇一二三四五六七八九十]{1,6}\s?[卷期号號巻年月日]")
_APART: Final = re.compile(r"\s*(?:[:.|\[(\u2013\u2014\uff1a]|-\s|\d|$)")
_KIND: Final = "(?:article|paper|chapter|preprint|manuscript)"
_MARK: Final = (
    rf"(?:(?:retracted|withdrawn)(?: {_KIND})?(?: and re(?:placed|published))?|(?-i:REMOVED)(?: {_KIND})?"
    rf"|{_KIND} (?:retracted|withdrawn)|temporary removal|notice of re(?:traction|moval))"
)
_ENCLOSED: Final = (
    rf"[\[(]\s*(?:{_MARK}|removed|this {_KIND} (?:has been|was|is) (?:retracted|withdrawn))\b[^()\[\]]{{0,100}}[\])]"
)
_CAPITALS: Final = r"(?-i:RETRACTED|WITHDRAWN)"
_MARKED: Final = re.compile(
    rf"[\s*]{{0,5}}(?:{_ENCLOSED}[\s*:]{{0,5}}|{_MARK}\s*(?:[:*]{{1,5}}|[-\u2013\u2014]\s|\s[-\u2013\u2014])\s*"
    rf"|{_CAPITALS}(?-i:[-\u2013\u2014](?=[A-Z][a-z])))"
    rf"|.*?\s*(?P<after>{_ENCLOSED}|\s[-\u2013\u2014]{{1,3}}\s*{_MARK}|(?-i:(?<=[a-z]{{3}})):?\s{_CAPITALS})[\s.]*$",
    re.IGNORECASE | re.DOTALL,
)
_NOTICE: Final = re.compile(
    r"\W{0,3}(?:(?:notice|statement) of )?(?:retraction|withdrawal)(?: (?:note|notice|statement))?"
    r"(?:\s?(?:to|of|for)\b:?|\s?[:\u2013\u2014])\s?(.{1,1000})",
    re.IGNORECASE | re.DOTALL,
)
_CRIED: Final = re.compile(
    r"\s*(?:(?:RETRACTED|WITHDRAWN)(?: ARTICLE)?|Notice of Re(?:traction|moval)(?=\s+[A-Z]))\s+(?=.{0,200}[a-z]{3})",
    re.DOTALL,
)


def is_rubric(title: str) -> bool:
    """Return whether a title is that of a part of a journal, such as "Issue Information": many works have it."""
    return _is_rubric(_words(title), title)


def _is_rubric(words: str, title: str) -> bool:
    if words and words.partition(" ")[0] not in _BEGINNINGS and words[0] not in _BEGINNINGS and words.isascii():
        return False
    if not title.isascii():
        words = _words(_ISSUE.sub(" ", title))
    if not words or _ALWAYS.match(words):
        return True
    found = _WHOLE.fullmatch(words)
    if found and all(word in _NUMBERING or _COUNTED.fullmatch(word) for word in found["rest"].split()):
        return True
    opening = _OPENING.match(words)
    return opening is not None and _APART.match(_after(title, len(opening[0].split()))) is not None


def _after(title: str, words: int) -> str:
    """Return what follows the first words of a title."""
    found = list(_WORD.finditer(fold_letters(title)))[:words]
    return fold_letters(title)[found[-1].end() :] if found else ""


def without_mark(title: str) -> str:
    """Return a title without the mark of a withdrawn paper, such as `RETRACTED:`; another title as it is."""
    lower = title.lower()
    if "retract" not in lower and "withdrawn" not in lower and "remov" not in lower:
        return title
    if cried := _CRIED.match(title):
        return title[cried.end() :]
    found = _MARKED.match(title)
    if found is None:
        return title
    rest = title[: found.start("after")] if found["after"] else title[found.end() :]
    return rest.strip() or title


def noticed_title(title: str) -> str | None:
    """Return the title of the paper that a notice retracts, such as "Retraction note: …"; None for another title."""
    found = _NOTICE.match(title)
    return found[1].strip(' "\u201c\u201d') if found else None


def _named(sign: re.Match[str]) -> str:
    return "sharp" if sign[0] == "#" else "plusplus"


def title_letters(title: str) -> str | None:
    """Return the letters and digits by which a title compares, or None if it does not identify a work.

    Signs, spaces, accents, indices and the mark of a withdrawn paper do not count, and Greek letters are their names:
    H₂O, H_2O and H2O are one; C++ and C# are two. A title of one word, a short one and a rubric may be those of several
    works.
    """
    words = _words(_LANGUAGE.sub(_named, without_mark(title)))
    letters = words.replace(" ", "")
    enough = len(words) >= MIN_LETTERS and " " in words
    if not letters.isascii():
        letters = letters.translate(_GREEK)
        enough = enough or len(EASTERN.findall(letters)) >= MIN_EASTERN
    return letters if enough and not _is_rubric(words, title) else None


class _Unaccented(dict[int, int | None]):
    """A translation table that removes combining marks, filled on demand."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.combining(chr(code)) else code
        return self[code]


_UNACCENTED = _Unaccented()
_NO_WORD = re.compile(r"[^\w]+")


def fold(text: str) -> str:
    """Lower-case, without accents or punctuation, single spaces: how titles compare."""
    if not text.isascii():
        text = normalized("NFKD", text).translate(_UNACCENTED)
    return _NO_WORD.sub(" ", text.casefold()).strip()


def normalized(form: Literal["NFC", "NFKD"], text: str) -> str:
    """Return a text in a normalization form of Unicode; of many combining marks in a row the first are kept."""
    if text.isascii():
        return text
    marks = sum(map(bool, map(unicodedata.combining, text))) + sum(map(text.count, _PAIRS))
    if marks > MAX_MARKS:
        runs = ((is_mark, "".join(run)) for is_mark, run in groupby(text, _is_mark))
        text = "".join(run[:MAX_MARKS] if is_mark else run for is_mark, run in runs)
    return unicodedata.normalize(form, text)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in _PAIRS


def cut(field: str, text: str, most: int, notes: list[str]) -> str:
    """Return a text of at most `most` characters; add a note to `notes` if it was longer."""
    if len(text) <= most:
        return text
    notes.append(f"{field}: cut to {most:,} characters")
    return text[:most]
