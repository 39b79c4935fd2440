"""The marks that bioRxiv's database leaves in titles and abstracts: figures, sections, small capitals, signs. Pure."""

import re
from html.entities import html5
from typing import Final

# A figure with its links; what stands between its marks is no text of the authors.
_FIGURE: Final = re.compile(r"\s*\bO_(FIG|TBL)\b(?:(?!O_\1\b)[\s\S]){0,5000}?\bC_\1\b\s*")
_FIGURE_OPEN: Final = re.compile(r"\s*\bO_(?:FIG|TBL)\b[\s\S]*?(?:_HPS_FORMAT_FIGEXP\s*|$)")
_SECTION: Final = re.compile(r"\s*O_ST_ABS([^\n]{1,80}?)C_ST_ABS\s*")
_BLOCK: Final = re.compile(r"\s*(?<![A-Z])(?:[OC]_(?:LI|P|QD|LST|UL|OL|TEXTBOX|BR)\s*)+")
_INLINE: Final = re.compile(r"[OC]_(?:SCPLOW|SCPCAP|SCP|INLINEFIG|MATH|IT|SUP|SUB|BF)")
_LEFT: Final = re.compile(r"\s*(?:org\.highwire\.dtl\.DTLVardef@[0-9a-f]{1,12}|_HPS_FORMAT_FIGEXP|M_(?:FIG|TBL))\s*")
_HEADING: Final = re.compile(r"\s*(?:ABSTRACT|Abstract|SUMMARY|Summary)(?:\s*[:.\n]\s*|(?=[A-Z][a-z]))")
_SIGN: Final = re.compile(r"[{\[](?:&([A-Za-z]{2,20});|([A-Za-z]{2,20}|\+/-|>=|<=|->))[}\]]")
_NAMES: Final = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "omicron",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
        "micro",
        "middot",
        "times",
        "approx",
        "ge",
        "le",
        "ne",
        "plusmn",
        "deg",
        "prime",
        "infin",
        "rarr",
        "larr",
        "uarr",
        "darr",
        "sim",
        "square",
        "bull",
    ]
)
"""Names of HTML that are taken for signs; others in brackets may be words, such as `and`."""
_SIGNS: Final = {"+/-": "±", ">=": "≥", "<=": "≤", "->": "→", "degrees": "°", "bullet": "•", "angstrom": "Å"}


def without_marks(text: str) -> str:
    """Return a text without bioRxiv's marks, with its signs as characters: `{beta}` is β, `{+/-}` is ±."""
    if "_" in text:
        text = _FIGURE_OPEN.sub(" ", _FIGURE.sub(" ", text))
        text = _INLINE.sub("", _BLOCK.sub("\n", _SECTION.sub(r"\n\1: ", text)))
        text = _LEFT.sub(" ", text)
    text = _SIGN.sub(_character, text)
    heading = _HEADING.match(text)
    return text[heading.end() :].strip() if heading else text.strip()


def _character(sign: re.Match[str]) -> str:
    """Return the character that a sign in braces or brackets names; one that names none stays."""
    entity, name = sign.groups()
    if entity or name.lower() in _NAMES:
        return html5.get(f"{entity or name};", sign[0])
    return _SIGNS.get(name.lower(), sign[0])
