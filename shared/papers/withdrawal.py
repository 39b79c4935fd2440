"""Whether a paper was withdrawn or retracted, by what its title, its abstract and its authors' comment say. Pure.

One classifier for all sources. Its words are in `withdrawal_forms.toml`. A text is read clause by clause: "withdrawn"
alone says nothing, as drugs, troops and earlier versions are withdrawn too; it has to be said of this paper.
"""

import re
import tomllib
from importlib import resources
from typing import Final

from shared.papers.titles import noticed_title, without_mark

MAX_COMMENT: Final = 5_000
"""Characters of a comment that are read."""
MAX_STATEMENT: Final = 600
"""Characters of an abstract that are read: a statement stands at its beginning, or in its place."""
_FORMS: Final = tomllib.loads(resources.files(__package__).joinpath("withdrawal_forms.toml").read_text("utf-8"))


def _any(name: str) -> str:
    words = _FORMS[name]
    each = words.split() if isinstance(words, str) else words
    return f"(?:{'|'.join(map(re.escape, sorted(each, key=len, reverse=True)))})"


_STATEMENTS: Final = tuple(_FORMS["statements"])
_TAKEN_BACK: Final = tuple(_FORMS["taken_back"])
_OF_ARCHIVES: Final = tuple(_FORMS["statements_of_archives"])
_FOREIGN: Final = tuple(_FORMS["foreign_statements"])
_STEMS: Final = ("withdr", "retract", "removed at", "removed by", "temporarily removed", "retirad", "ritirat")
"""One of them is in each statement in ASCII; most texts have none, and are not read further."""
_STEMS_OF_COMMENTS: Final = (
    *_STEMS,
    "supersed",
    "subsum",
    "removed",
    "replaced",
    "merged",
    "absorbed",
    "ignore",
    "disregard",
)
_FOREIGN_STEMS: Final = (
    "retir",
    "r\u00e9tract",
    "zur\u00fcck",
    "\u64a4",
    "\u53d6\u308a\u4e0b\u3052",
    "\u043e\u0442\u043e\u0437\u0432",
)
_BREAK = re.compile(r"(?<!\bal)[.;:!?()\[\]]+(?:\s|$)|(?:^|\s)[(\[]|(?:\s-{1,3}|\s?[\u2013\u2014])\s|\n")
_DONE = r"(?:withdrawn|retracted)"
_ELSEWHERE = r"(?!,? from (?!(?:the |this )?(?:arxiv|archive)))"  # from a conference, or from the market
_HELP = rf"(?:{_any('auxiliaries')} ){{1,5}}"
_PAPER = _any("papers")
_AGENT = (
    rf"(?:the |its |all |their |our )?(?:(?:first|second|third|corresponding|submitting|sole|senior) )?{_any('agents')}"
)
_CAUSE = r"(?:due to|because|owing to|as|since)"
_REASON = rf"(?:$|,| by {_AGENT}\b| by (?:[\w'-]{{1,30}} ){{1,4}}{_CAUSE}\b| {_any('reasons')}(?![\w-]))"
# A version of this paper, a remark in it, the code with it: that is not the paper.
_NO_PART = "".join(rf"(?<!\b{word} )" for word in _FORMS["relations"].split())
_OWN = (
    rf"{_NO_PART}\b(?:this version of (?:this|the|our)|this|our|my|present|above|duplicate)"
    rf" (?:{_any('described')} )?{_PAPER}"
)
_THE = rf"{_NO_PART}\bthe (?:{_any('described')} )?{_any('plain_papers')}"
_REMOVED = rf"removed(?: from (?:the )?arxiv)?(?: by {_AGENT}\b| at the request)"
_FATE = rf"(?:{_DONE}\b{_ELSEWHERE}|{_REMOVED})"
_ASIDE = r"(?:,[^,]{1,100},)?"
_LINKED = (
    rf"(?:{_ASIDE} {_HELP}| (?:(?!which|that|who|whose)[^ ,]{{1,30}} ){{1,15}}and (?:has|is|was) (?:{_HELP})?){_FATE}"
)
_ACTIVE = r"(?:withdraw|withdraws|withdrew|withdrawn|withdrawing|retract|retracts|retracted|retracting)"
_WHOSE = rf"(?:this|the|their|our|my|his|her|its) (?:{_any('described')} )?{_PAPER}\b"
_LATER = (
    r"(?:an?|the|our|my|another|(?:later|newer) (?:version|paper|work|submission)|version|v\d|its|doi|https?|\d|the|\[)"
)
_ARXIV = r"\[?(?:arxiv[: ]|\d{4}\.\d{4,5}|[a-z-]{2,12}/\d{7})"

_SHORT = re.compile(
    rf"(?:v\d{{1,2}} (?!.*\bv\d)|{_PAPER} )?(?:temporarily |formally )?{_DONE}{_REASON}"
    rf"|(?:withdrawal|retraction) requested by {_AGENT}\b"
    rf"|{_PAPER} (?:{_REMOVED}|removed (?:due to|because))|{_DONE} {_PAPER}$|please (?:ignore|disregard)$"
    rf"|{_HELP}{_DONE}\b{_ELSEWHERE}"
    rf"|(?:this|it) {_HELP}{_DONE}{_REASON}"
    rf"|(?:[^,]{{1,60}}, )?please withdraw(?:$| {_WHOSE})"
)
_TAKEN_OFF = re.compile(rf"removed(?: from (?:the )?arxiv)? by {_AGENT}\b(?!.{{0,60}}\b{_any('parts')}\b)")
_OF_THIS = re.compile(rf"{_OWN}{_LINKED}|^(?:{_PAPER} )?{_HELP}{_FATE}")
_ALONE = re.compile(rf"(?:{_PAPER} )?{_DONE}(?: by {_AGENT})?")
_OF_THE = re.compile(
    rf"(?:{_THE}|^the (?:(?:current|present|entire|whole) )?{_PAPER}){_LINKED}(?! by the (?!{_any('agents')}\b))"
)
_HENCE = re.compile(rf"(?:hence|thus|therefore|so|, {_PAPER}) {_DONE}$|\b{_any('faults')}\b.*, {_DONE}{_REASON}")
_BY_AUTHORS = re.compile(
    rf"^(?:the )?authors? withdr[ae]ws?$|\b(?:this|the) {_PAPER}\b[^,]{{0,120}}\b(?:and|as|so|since) it {_HELP}{_FATE}|"
    rf"\b(?:{_any('agents')}|we|i)(?:, [^,]{{1,40}},)? (?:{_any('intentions')} ){{0,7}}{_ACTIVE} {_WHOSE}{_ELSEWHERE}"
    rf"|\b(?:ignore|disregard) this {_PAPER}\b|\bthis is a (?:withdrawal|retraction)\b|^(?:withdrawal|retraction)$"
    rf"|\brequest(?:s|ed)?(?: for)? (?:the |a )?(?:withdrawal|retraction) of {_WHOSE}"
)
_SUPERSEDED = re.compile(
    rf"(?:(?:the contents? of )?(?:(?:this|the) )?{_PAPER} |(?:this|it) )?"
    rf"(?:is obsolete and )?(?:{_any('auxiliaries')} ){{0,4}}"
    rf"(?:superseded(?: by)?$|(?:superseded|subsumed) by (?:{_ARXIV}|{_LATER}\b)"
    rf"|(?:replaced by|merged (?:in)?to|merged with|absorbed (?:by|into)) {_ARXIV})"
)
_ANYWHERE: Final = (_OF_THIS, _OF_THE, _BY_AUTHORS, _HENCE)
_REFERENCE = re.compile(rf"\[\d[\d, -]{{0,20}}\]|(?:\d{{4}}\.\d{{4,5}}|/\d{{7}})\s?\({_DONE}\)")
_ASIDE_OF_SUBJECT = re.compile(r"\s[(\[][^()\[\]]{1,100}[)\]](?= (?:has|have|is|was|were)\b)")
_LONG_AGO = re.compile(r" in \d{4}| in \d{1,3}\s?%")
_COUNTS = re.compile(r"(?:\d{1,4} [a-z]{3,12},? (?:and )?){1,4}")
"""What comments begin with: 10 pages, 4 figures."""


def says_withdrawn(title: str = "", abstract: str = "", comment: str = "") -> bool:
    """Return whether a paper was withdrawn or retracted, by any of its texts.

    A notice of a retraction is another paper, which is not withdrawn itself; an expression of concern or a correction
    withdraws nothing.
    """
    return bool(
        (title and (without_mark(title) != title or _is_statement(title)))
        or (abstract and _in_place(abstract[:MAX_STATEMENT]) and noticed_title(title) is None)
        or (comment and _in_comment(comment[:MAX_COMMENT]))
    )


def _is_statement(title: str) -> bool:
    """Return whether a statement stands in the place of a title."""
    clauses = _clauses(title[:MAX_STATEMENT], _STEMS)
    return bool(clauses and (_OF_THIS.match(clauses[0]) or _ALONE.fullmatch(clauses[0])))


def _in_comment(comment: str) -> bool:
    clauses = _clauses(comment, _STEMS_OF_COMMENTS)
    if clauses is None:
        return False
    text = " ".join(clauses)
    if _says(text, _TAKEN_BACK):
        return False
    return bool(
        _says(text, _STATEMENTS)
        or _says(text, _OF_ARCHIVES)
        or _says(text, _FOREIGN)
        or _TAKEN_OFF.match(text, _start(text))
        or any(_SHORT.match(clause, _start(clause)) or _SUPERSEDED.match(clause, _start(clause)) for clause in clauses)
        or any(form.search(clause) for clause in clauses for form in _ANYWHERE)
    )


def _in_place(abstract: str) -> bool:
    """Return whether an abstract says it: of "this paper" anywhere, in other words in its first sentence."""
    clauses = _clauses(abstract, _STEMS)
    if clauses is None:
        return False
    text, first = " ".join(clauses), clauses[0] if clauses else ""
    return (
        _says(text, _STATEMENTS)
        or _says(text, _FOREIGN)
        or _SHORT.match(first) is not None
        or any(_OF_THIS.search(clause) or _BY_AUTHORS.search(clause) for clause in clauses)
        or (_OF_THE.match(first) is not None and not _LONG_AGO.search(first))
    )


def _says(text: str, statements: tuple[str, ...]) -> bool:
    for statement in statements:  # noqa: SIM110  # for every paper: a generator takes twice as long
        if statement in text:
            return True
    return False


def _clauses(text: str, stems: tuple[str, ...]) -> list[str] | None:
    """Split a text into clauses in lower case; None if it has none of the stems."""
    lower = text.lower()
    if not _says(lower, stems) and (lower.isascii() or not _says(lower, _FOREIGN_STEMS)):
        return None
    return [
        clause
        for part in _BREAK.split(_ASIDE_OF_SUBJECT.sub("", _REFERENCE.sub("", lower)))
        if (clause := " ".join(part.split()).strip(" .,-*"))
    ]


def _start(clause: str) -> int:
    counts = _COUNTS.match(clause)
    return counts.end() if counts else 0
