"""What sources write beside the names of authors: addresses, ORCID iDs, marks of footnotes. Pure."""

import re
from typing import Final

_NOTED: Final = re.compile(r"@|\d|[Bb]ehalf")
_MAIL: Final = re.compile(r"[<(\[]?(?<![^\s<>()\[\],;])[^\s<>()\[\],;@]{1,64}@[\w.-]{1,100}[>)\]]?")
"""An address, also with the signs about it, as RSS 2.0 has it before a name: `jane@example.org (Jane Doe)`."""
_ORCID: Final = re.compile(
    r"[<(\[]?(?:\borcid(?: id)?\s?:?\s?)?(?:https?://)?(?:www\.)?(?:orcid\.org/)?\b\d{4}-\d{4}-\d{4}-\d{3}[\dXx]\b/?[>)\]]?",
    re.IGNORECASE,
)
_MARK: Final = re.compile(r"(?<=[^\W\d_])\d{1,2}(?:,\s?\d{1,2}){0,4}(?=\s?(?:[,;]|$|and |& ))")
_BEHALF: Final = re.compile(r",? \(?(?:and )?on behalf of (?:the )?(?=[A-Z])", re.IGNORECASE)
_MARKED: Final = 2
"""Names with a number at their end from which on these are marks of footnotes: Mu2 alone is a name."""


def without_notes(line: str) -> str:
    """Return a name or a list of names without what stands beside them; whom they speak for is one more author."""
    if _NOTED.search(line) is None:
        return line
    text = _ORCID.sub("", line)
    if "@" in text:
        text = _without_mail(text)
    if len(_MARK.findall(text)) >= _MARKED:
        text = _MARK.sub("", text)
    return " ".join(_BEHALF.sub(" and ", text).split()).strip(" ,;")


def _without_mail(text: str) -> str:
    bare = _MAIL.sub("", text)
    named = bare.strip(" ,;").startswith("(")
    broken = bare.count("(") != bare.count(")") or 0 <= bare.find(")") < bare.find("(")
    return bare.replace("(", "").replace(")", "") if named or broken else bare
