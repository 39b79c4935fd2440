"""The languages that summaries can be written in: their English names and scripts. Pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_LATIN: Final = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_CYRILLIC: Final = "\u0400-\u04ff"
_HAN: Final = "\u3400-\u9fff"
_ARABIC: Final = "\u0600-\u06ff\u0750-\u077f"
_MIN_SHARE: Final = 0.25
"""The least share of letters in the script of the language; the others are names, as of methods and data sets."""
_QUALITY: Final = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")
_MAX_HEADER: Final = 500


class Language(NamedTuple):
    """A language: its English name, and the characters of its script as a class of a regular expression."""

    name: str
    script: str = _LATIN


LANGUAGES: Final[dict[str, Language]] = {
    "ar": Language("Arabic", _ARABIC),
    "bg": Language("Bulgarian", _CYRILLIC),
    "cs": Language("Czech"),
    "da": Language("Danish"),
    "de": Language("German"),
    "el": Language("Greek", "\u0370-\u03ff"),
    "en": Language("English"),
    "es": Language("Spanish"),
    "et": Language("Estonian"),
    "fa": Language("Persian", _ARABIC),
    "fi": Language("Finnish"),
    "fr": Language("French"),
    "he": Language("Hebrew", "\u0590-\u05ff"),
    "hi": Language("Hindi", "\u0900-\u097f"),
    "hr": Language("Croatian"),
    "hu": Language("Hungarian"),
    "id": Language("Indonesian"),
    "it": Language("Italian"),
    "ja": Language("Japanese", f"\u3040-\u30ff{_HAN}"),
    "ko": Language("Korean", "\u1100-\u11ff\uac00-\ud7af"),
    "lt": Language("Lithuanian"),
    "nl": Language("Dutch"),
    "no": Language("Norwegian"),
    "pl": Language("Polish"),
    "pt": Language("Portuguese"),
    "ro": Language("Romanian"),
    "ru": Language("Russian", _CYRILLIC),
    "sk": Language("Slovak"),
    "sl": Language("Slovenian"),
    "sv": Language("Swedish"),
    "tr": Language("Turkish"),
    "uk": Language("Ukrainian", _CYRILLIC),
    "vi": Language("Vietnamese"),
    "zh": Language("Chinese", _HAN),
}


def is_script_of(code: str, text: str) -> bool:
    """Return whether enough letters of a text are of the script of a language."""
    letters = sum(map(str.isalpha, text))
    return letters > 0 and len(re.findall(f"[{LANGUAGES[code].script}]", text)) >= _MIN_SHARE * letters


def accepted_languages(header: str) -> tuple[str, ...]:
    """Return the codes of an Accept-Language header, the preferred ones first (RFC 9110, 12.5.4)."""
    wanted: list[tuple[float, str]] = []
    for entry in header[:_MAX_HEADER].split(","):
        tag, _, parameter = entry.partition(";")
        quality = _QUALITY.fullmatch(parameter.strip()) if parameter else None
        weight = float(quality[1]) if quality else (0.0 if parameter else 1.0)
        if weight and (code := tag.strip().lower().partition("-")[0]).isalpha():
            wanted.append((-weight, code))
    return _once([code for _, code in sorted(wanted, key=lambda one: one[0])])


def _once(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
