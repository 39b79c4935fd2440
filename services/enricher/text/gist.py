"""The gist of an abstract: the claim of the sentence that says best what the paper does.

Every sentence gets points; the highest wins, and the earlier one of two equal ones:
- cue: that the authors propose, introduce, prove, release … something ("we propose", "this paper
  studies"): 3, or 2 where they only show, find or evaluate;
- title: 3 times the share of the title's stems that it contains, and 1.5 where it has the name before the colon;
- location: up to 1, falling from the first sentence to the last;
- minus 2 where it continues another ("However", "It", "we show that these"), minus 4 where it mentions code or a web
  page.
Sentences of under 5 words or over 400 characters do not count. After H. P. Edmundson, New Methods in Automatic
Extracting, 1969: cue, title and location.

The claim of a sentence is what is left of "To this end, in this paper we propose a novel X" is "An X".

A frame surrounds the claim in most abstracts: an occasion ("To address this issue,"), the paper or its authors as the
subject, and a verb. What the authors made is named without the verb ("we propose a model" becomes "A model"), what they
found is said without it ("we show that models fail" becomes "Models fail"), and any other verb stays in the third
person ("we study models" becomes "Studies models"). A sentence of another shape is returned as it is.
"""

import re
import tomllib
from importlib import resources
from typing import Final

from shared.embedding.stopwords import STOPWORDS
from shared.papers.titles import fold
from shared.text.sentence_ends import sentences

MAX_GIST: Final = 400
_MIN_WORDS: Final = 5
_STEM: Final = 6
_MAX_NAME: Final = 2
"""Words that the name of a system has at most, where it stands before the colon of a title."""
# These patterns begin with the space, as it is found fastest.
_ADVERB = r"(?: \w+ly| then| here| first| therefore| thus| instead){0,2}"
_MAKE = (
    "propos|introduc|present|develop|design|describ|devis|construct|formulat|address|tackl|establish|prove|investigat"
    "|stud|explor|offer|build|built|creat|releas|deriv|examin|survey|review|aim|seek|argue"
    r"|(?:show|find|found|demonstrat|observ|report|conclud|reveal)\w* that"
)
_FIND = (
    "show|find|found|demonstrat|evaluat|analy[sz]|compar|report|provid|give|consider|use|conduct|extend|generali[sz]"
    "|improv|apply|implement|combin|obtain|observ|discuss|measur|defin"
)
_PAPER = r"(?:paper|work|article|study|thesis|survey|review|manuscript|letter|report|note)"
_WE = re.compile(rf" we{_ADVERB} (?:(?P<makes>{_MAKE})|{_FIND})")
_THIS = re.compile(
    rf" (?:this|our|present) (?:[\w-]+ )?{_PAPER}(?:,|'?s? we)?{_ADVERB} ?(?:(?P<makes>{_MAKE})|{_FIND})?"
)
_PASSIVE: Final = tuple(f" {be} {did}" for be in ("is", "are") for did in ("proposed", "introduced", "presented"))
_CONTINUES = re.compile(
    r" (?:however|moreover|furthermore|additionally|in addition|finally|besides|nevertheless|nonetheless|yet|but|also"
    r"|then|these|such|this (?!paper|work|article|study|survey|letter|thesis|review)|that is|it"
    r"|they|those|consequently|as a result|for example|for instance|second|third|lastly|notably"
    r"|similarly|extensive|our experiments?|experiment\w*|our results|results|numerical|despite|although|while|recent"
    r"|recently|existing|traditional|we (?:also|further|additionally))\b"
)
_POINTS_BACK: Final = re.compile(r" we [a-z]+ that (?:this|these|those|such|it|they|its|their|both)\b")
_ASIDE: Final = (
    "https://",
    "github",
    "available at",
    "publicly available",
    "open-source",
    "project page",
    "supplement",
)
_LISTS: Final[dict[str, list[str]]] = tomllib.loads(
    resources.files(__package__).joinpath("gist.toml").read_text("utf-8")
)
_ANY: Final = {name: "|".join(words) for name, words in _LISTS.items()}
_BEFORE_VERB: Final = (
    r"(?:(?:(?!(?:app|supp|re|imp|rep|comp|multip)ly)\w+ly|then|here|first|thus|hence|instead|also|further|next|now) )*"
)
_PAPERS: Final = rf"(?:(?:this|our|the present|the current|present|current) (?:[\w-]+ )?(?:{_ANY['papers']}))"
_WHO: Final = rf"(?:we|the authors?|{_PAPERS}(?:, we)?) {_BEFORE_VERB}"
_SUBJECT: Final = re.compile(rf"(?:(?:{_ANY['occasions']})\b[^.;:]{{0,250}}?(?:, | (?=we )))?{_WHO}", re.IGNORECASE)
_AIM: Final = re.compile(
    r"(?:the|our) (?:main |primary |overall )?(?:aim|goal|objective|purpose)s?"
    rf"(?: of {_PAPERS})? (?:is|was|are|were) to {_BEFORE_VERB}",
    re.IGNORECASE,
)
_IN_PAPERS: Final = re.compile(rf"^(?:here|in {_PAPERS}), ", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^(?:\(?[0-9ivx]{1,3}[).] |first(?:ly)?, |second(?:ly)?, )(?=[A-Z]|by )", re.IGNORECASE)
_TRAILING: Final = re.compile(rf",? in {_PAPERS}(?=[.,])", re.IGNORECASE)
_MAKES: Final = re.compile(
    rf"(?:{_ANY['makes']})\w*(?:,? (?:and|or) \w+)? "
    r"(?=(?:an?|the|two|three|four|five|several|new|novel)\b|(?:\\\w+\{|\**)[A-Z][\w@*-]+)"
)
_FINDS: Final = re.compile(
    rf"(?:also )?(?:{_ANY['finds']})(?:,? (?:both )?\w+ly)?(?: and \w+)?(?:,? [^,.;:]{{1,60}},)? that,? (?!of\b)"
)
_SECOND: Final = re.compile(rf"(,? and )({_ANY['seconds']})(?= )")
_PRAISE: Final = re.compile(rf"(?:^|(?<=, ))an? (?:(?:{_ANY['praise']})(?:,| and)? )+(?=(\w+))")
_VERB: Final = re.compile(r"[a-z]+(?= )")
_VOWEL: Final = re.compile("[aeio]|u(?:n(?!i)|l|p)")
_AUXILIARIES: Final = frozenset(
    ["are", "can", "could", "did", "do", "had", "have", "may", "might", "must", "should", "were", "will", "would"]
)
_LEAST: Final = 4
"""Words below which what is left says too little."""


def gist(title: str, abstract: str) -> str | None:
    """Return the claim of the sentence of an abstract that describes the paper best, or None."""
    stems = {word[:_STEM] for word in fold(title).split() if word not in STOPWORDS and len(word) > 1}
    name = title.partition(":")[0]
    named = re.compile(rf"\b{re.escape(name)}\b") if name != title and name.count(" ") < _MAX_NAME else None
    best, highest = None, 0.0
    found = sentences(abstract)
    for place, sentence in enumerate(found):
        if len(sentence) > MAX_GIST or sentence.count(" ") < _MIN_WORDS - 1:
            continue
        points = _points(sentence, stems) + 1 - place / len(found)
        if named and named.search(sentence):
            points += 1.5
        if best is None or points > highest:
            best, highest = sentence, points
    return claim(best) if best else None


def _points(sentence: str, stems: set[str]) -> float:
    text = f" {sentence.lower()}"
    points = 3.0 * sum(stem in text for stem in stems) / max(len(stems), 1)
    passive = 3 if any(map(text.count, _PASSIVE)) else 0
    points += max(_cue_points(_WE.search(text)), _cue_points(_THIS.search(text)), passive)
    if _CONTINUES.match(text) or _POINTS_BACK.search(text):
        points -= 2
    return points - 4 if any(map(text.count, _ASIDE)) else points


def _cue_points(cue: re.Match[str] | None) -> int:
    if cue is None:
        return 0
    return 3 if cue["makes"] else 2


def claim(sentence: str) -> str:
    """Return the claim of a sentence without its frame, beginning with a capital; the sentence where it has none."""
    bare = _TRAILING.sub("", _NUMBER.sub("", sentence))
    if aim := _AIM.match(bare):
        return _finished(_third_person(bare[aim.end() :]), sentence)
    subject = _SUBJECT.match(bare)
    if subject is None:
        bare = _IN_PAPERS.sub("", bare)
        return _finished(bare, sentence) if bare != sentence else sentence
    rest = bare[subject.end() :]
    if found := _FINDS.match(rest) or _MAKES.match(rest):
        return _finished(rest[found.end() :], sentence)
    return _finished(_third_person(rest), sentence)


def _finished(said: str, sentence: str) -> str:
    said = _PRAISE.sub(_article, said)
    return _capital(said) if said.count(" ") >= _LEAST - 1 else sentence


def _third_person(rest: str) -> str:
    """Return a predicate of "we" as one of "this paper"; empty where its verb is not a plain one."""
    verb = _VERB.match(rest)
    if verb is None or verb[0] in _AUXILIARIES or verb[0].endswith("ing"):
        return ""
    word, others = verb[0], rest[verb.end() :]
    if word.endswith("ed") or (word.endswith("s") and not word.endswith(("ss", "us"))):
        return rest
    if " to " not in others.partition(" and ")[0]:
        others = _SECOND.sub(lambda match: match[1] + _with_s(match[2]), others, count=1)
    return _with_s(word) + others


def _with_s(verb: str) -> str:
    if verb.endswith("y") and verb[-2:-1] not in "aeo":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _article(match: re.Match[str]) -> str:
    return "an " if _VOWEL.match(match[1]) else "a "


def _capital(text: str) -> str:
    word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if word.replace("-", "").islower() or len(word) == 1 else text
