"""The claim of a sentence: what is left of "To this end, in this paper we propose a novel X" is "An X". Pure.

A frame surrounds the claim in most abstracts: an occasion ("To address this issue,"), the paper or its authors as the
subject, and a verb. What the authors made is named without the verb ("we propose a model" becomes "A model"), what they
found is said without it ("we show that models fail" becomes "Models fail"), and any other verb stays in the third
person ("we study models" becomes "Studies models"). A sentence of another shape is returned as it is.
"""

import re
import tomllib
from importlib import resources
from typing import Final

_LISTS: Final[dict[str, list[str]]] = tomllib.loads(
    resources.files(__package__).joinpath("claim.toml").read_text("utf-8")
)
_ANY: Final = {name: "|".join(words) for name, words in _LISTS.items()}
_ADVERB: Final = (
    r"(?:(?:(?!(?:app|supp|re|imp|rep|comp|multip)ly)\w+ly|then|here|first|thus|hence|instead|also|further|next|now) )*"
)
_PAPER: Final = rf"(?:(?:this|our|the present|the current|present|current) (?:[\w-]+ )?(?:{_ANY['papers']}))"
_WHO: Final = rf"(?:we|the authors?|{_PAPER}(?:, we)?) {_ADVERB}"
_SUBJECT: Final = re.compile(rf"(?:(?:{_ANY['occasions']})\b[^.;:]{{0,250}}?(?:, | (?=we )))?{_WHO}", re.IGNORECASE)
_AIM: Final = re.compile(
    r"(?:the|our) (?:main |primary |overall )?(?:aim|goal|objective|purpose)s?"
    rf"(?: of {_PAPER})? (?:is|was|are|were) to {_ADVERB}",
    re.IGNORECASE,
)
_IN_PAPER: Final = re.compile(rf"^(?:here|in {_PAPER}), ", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^(?:\(?[0-9ivx]{1,3}[).] |first(?:ly)?, |second(?:ly)?, )(?=[A-Z]|by )", re.IGNORECASE)
_TRAILING: Final = re.compile(rf",? in {_PAPER}(?=[.,])", re.IGNORECASE)
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
_MIN_WORDS: Final = 4
"""Words below which what is left says too little."""


def claim(sentence: str) -> str:
    """Return the claim of a sentence without its frame, beginning with a capital; the sentence where it has none."""
    bare = _TRAILING.sub("", _NUMBER.sub("", sentence))
    if aim := _AIM.match(bare):
        return _finished(_third_person(bare[aim.end() :]), sentence)
    subject = _SUBJECT.match(bare)
    if subject is None:
        bare = _IN_PAPER.sub("", bare)
        return _finished(bare, sentence) if bare != sentence else sentence
    rest = bare[subject.end() :]
    if found := _FINDS.match(rest) or _MAKES.match(rest):
        return _finished(rest[found.end() :], sentence)
    return _finished(_third_person(rest), sentence)


def _finished(said: str, sentence: str) -> str:
    said = _PRAISE.sub(_article, said)
    return _capital(said) if said.count(" ") >= _MIN_WORDS - 1 else sentence


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
