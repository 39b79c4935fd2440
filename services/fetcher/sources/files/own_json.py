"""Papers as Paperwire's API shows them, brought to the flat form of the import format. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from services.fetcher.sources.fields import MAX_YEAR, MIN_YEAR, clean, fit, http_url
from shared.papers.bounds import MAX_AUTHOR, MAX_AUTHORS, MAX_CODE, MAX_COUNT, MAX_KIND, MAX_PLACE, MAX_URL
from shared.papers.names import canonical_id
from shared.papers.orcids import orcid
from shared.papers.paper import MAX_TLDR, Appearance, CodeLink, Links, Signals, Tldr
from shared.papers.titles import cut
from shared.text.spoken_languages import LANGUAGES

_LINKS: Final[Mapping[str, str]] = {"url": "abs"} | {name: name for name in Links.model_fields if name != "abs"}
"""The fields of `links` by those of the import format."""
_PLACES: Final = {"volume": "volume", "number": "issue", "pages": "pages"}
_NO_COUNTS: Final[Mapping[str, type]] = {"comments": str, "datasets": list}


def flattened(record: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return a record with the fields of its `links`, and with its version, where it does not have them itself."""
    found: dict[str, Any] = {"version": _version(record)}
    links = record.get("links")
    if isinstance(links, dict):
        found |= {ours: links.get(theirs) for ours, theirs in _LINKS.items()}
    elif links is not None:
        notes.append("links: an object was expected; left out")
    return found | {name: value for name, value in record.items() if value is not None}


def signals_in(record: Mapping[str, Any], notes: list[str]) -> Signals:
    """Read counters: those of the object `signals`, or else those of the record.

    Beside them a record may have `comments` of the authors, and `datasets` that the paper is about.
    """
    given = record.get("signals")
    if given is not None and not isinstance(given, dict):
        notes.append("signals: an object was expected; left out")
    beside = {name: value for name, value in record.items() if not isinstance(value, _NO_COUNTS.get(name, ()))}
    known = given if isinstance(given, dict) else beside
    values = {name: known[name] for name in Signals.model_fields if known.get(name) is not None}
    notes += [f"{name}: a count was expected; left out" for name, value in values.items() if not is_count(value)]
    return Signals(**{name: value for name, value in values.items() if is_count(value)})


def appeared_in(record: Mapping[str, Any], notes: list[str]) -> Appearance | None:
    """Read where in its venue a paper appeared: the object `appeared`, or fields as reference managers name them."""
    given = record.get("appeared")
    if given is not None and not isinstance(given, dict):
        notes.append("appeared: an object was expected; left out")
    known = given if isinstance(given, dict) else {name: record.get(other) for name, other in _PLACES.items()}
    values = {name: _short(known.get(name)) for name in ("volume", "number", "pages")}
    year = known.get("year")
    if not (isinstance(year, int) and not isinstance(year, bool) and MIN_YEAR <= year <= MAX_YEAR):
        year = None
    found = Appearance(**values, year=year)
    return None if found == Appearance() else found


def code_in(record: Mapping[str, Any], notes: list[str]) -> tuple[CodeLink, ...]:
    """Read repositories: addresses, or objects with an address and what is known of the repository."""
    value = record.get("code")
    entries = value if isinstance(value, list) else ([] if value is None else [value])
    if len(entries) > MAX_CODE:
        notes.append(f"code: the first {MAX_CODE:,} of {len(entries):,} are kept")
    links = [link for entry in entries[:MAX_CODE] if (link := _repository(entry))]
    if left := len(entries[:MAX_CODE]) - len(links):
        notes.append(f"code: {left} entries had no http or https address of at most {MAX_URL:,} characters; left out")
    return tuple(links)


def _repository(entry: object) -> CodeLink | None:
    known = entry if isinstance(entry, dict) else {"url": entry}
    address, stars, archived = known.get("url") or known.get("name"), known.get("stars"), known.get("archived")
    url = http_url(address) if isinstance(address, str) else None
    if url is None:
        return None
    return CodeLink(
        url=url, stars=stars if is_count(stars) else None, archived=archived if isinstance(archived, bool) else None
    )


def tldr_in(record: Mapping[str, Any], notes: list[str]) -> Tldr | None:
    """Read the summary of a provider, which names its source."""
    value = record.get("tldr")
    texts = [value.get("text"), value.get("source")] if isinstance(value, dict) else []
    if value is None:
        return None
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        notes.append("tldr: an object with text and source was expected; left out")
        return None
    text, source = (" ".join(fit(str(text)).split()) for text in texts)
    summary = Tldr(text=cut("tldr", text, MAX_TLDR, notes), source=source[:MAX_KIND])
    return summary.model_copy(update=_of_model(value))


def _of_model(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a summary by a language model: its name, its languages, and the text that it read."""
    names = {name: value[name][:MAX_KIND] for name in ("model", "of") if isinstance(value.get(name), str)}
    language, others = value.get("language"), value.get("translations")
    texts = others.items() if isinstance(others, dict) else ()
    return {
        **names,
        "language": language if language in LANGUAGES else None,
        "translations": {
            code: " ".join(fit(text).split())[:MAX_TLDR]
            for code, text in texts
            if code in LANGUAGES and isinstance(text, str)
        },
    }


def orcids_in(authors: object, notes: list[str]) -> dict[str, str]:
    """Read the ORCID iDs of authors that are objects, by their names; one of a name that stands twice is left out."""
    people = [one for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
    given = [(one.get("name"), one.get("orcid") or one.get("ORCID")) for one in people[:MAX_AUTHORS]]
    texts = [(" ".join(clean(name[:MAX_AUTHOR]).split()), text) for name, text in given if isinstance(name, str)]
    stated = [(name, text) for name, text in texts if text is not None]
    once = Counter(name for name, _ in texts)
    read = [(name, orcid(text) if isinstance(text, str) else None) for name, text in stated if once[name] == 1]
    found = {name: own for name, own in read if own}
    if left := len(stated) - len(found):
        notes.append(f"authors: {left} ORCID iDs were not valid, or of a name that stands twice; left out")
    return found


def _short(value: object) -> str | None:
    """Return a volume, a number or pages, which may be a number in JSON."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        value = str(value)
    return (" ".join(clean(value[:MAX_PLACE]).split()) or None) if isinstance(value, str) else None


def is_count(value: object) -> bool:
    """Return whether a value is a counter."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT


def _version(record: dict[str, Any]) -> int | None:
    """Return the version of a paper, which the API shows where the paper was seen under its own id."""
    own, sources = record.get("id"), record.get("sources")
    if not isinstance(own, str) or not isinstance(sources, list):
        return None
    refs = [ref for ref in sources if isinstance(ref, dict) and isinstance(ref.get("id"), str)]
    versions = [ref.get("version") for ref in refs if canonical_id(ref["id"]) == canonical_id(own)]
    return max((version for version in versions if type(version) is int), default=None)
