"""Reads foreign JSON records: a record without a required field is refused, other invalid fields are left out. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from services.fetcher.sources.fields import fit, http_url, moment, one_line
from services.fetcher.sources.port import Refusal
from shared.errors import TransientError
from shared.papers.bounds import MAX_AUTHOR, MAX_COUNT, MAX_ID, MAX_URL
from shared.papers.events import Item
from shared.papers.names import check_id
from shared.papers.titles import cut

_MAX_REASON: Final = 300
_WORDS: Final = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


class RefusedError(ValueError):
    """A record that is not a paper; the text says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. `entries` counts all its records, `total` is the number that the source reports."""

    items: list[Item]
    refusals: list[Refusal]
    entries: int
    total: int | None = None


def load(body: bytes) -> Any:  # noqa: ANN401  # any JSON value
    """Parse a JSON answer; lone surrogates and invalid UTF-8 are repaired.

    Raises:
        TransientError: it is not JSON, but for example a challenge page or an error in plain text.

    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        strict = error
    import json  # noqa: PLC0415  # the standard parser accepts lone surrogates; needed for broken answers only

    try:
        return json.loads(body.decode("utf-8-sig", "surrogateescape"))
    except (ValueError, RecursionError):
        message = "the answer is not JSON but something else, such as a challenge page"
        raise TransientError(message) from strict


def read_records(rows: Sequence[object], make: Callable[["Record"], Item], noun: str, most: int) -> Page:
    """Make an item from each row, up to `most`; an invalid row is refused alone, by its number."""
    items: list[Item] = []
    refusals: list[Refusal] = []
    for number, row in enumerate(rows[:most], 1):
        where = f"{noun} {number}"
        try:
            record = Record(row)
            items.append(make(record))
            refusals += [Refusal(where, note, cleaned=True) for note in record.notes]
        except ValueError as error:  # also of an item that is not valid
            refusals.append(Refusal(where, one_line(str(error), _MAX_REASON)))
    if len(rows) > most:
        refusals.append(Refusal(f"{noun} {most + 1}", f"only the first {most:,} of {len(rows):,} are taken"))
    return Page(items, refusals, len(rows))


def word(value: object) -> str:
    """Return the name of the kind of a JSON value."""
    return _WORDS.get(type(value), "nothing")


class Record:
    """One JSON object; `notes` lists what was left out, each in a sentence."""

    def __init__(self, values: object) -> None:
        """Raises RefusedError if `values` is not an object."""
        if not isinstance(values, dict):
            message = f"an object was expected, not {word(values)}"
            raise RefusedError(message)
        self.values: Mapping[str, Any] = values
        self.notes: list[str] = []

    def needed(self, field: str, most: int) -> str:
        """Read a required text; raises RefusedError if it is missing or too long."""
        value = self.values.get(field)
        if value in (None, ""):
            message = f"no {field}"
        elif not isinstance(value, str):
            message = f"{field} must be text, not {word(value)}"
        elif len(value) > most:
            message = f"{field} has {len(value):,} characters; {most:,} is the most"
        elif clean := fit(value).strip():
            return clean
        else:
            message = f"no {field}"
        raise RefusedError(message)

    def text(self, field: str, most: int) -> str:
        """Read a text, cut to `most` characters; empty if there is none."""
        value = self.values.get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._leave_out(field, f"text was expected, not {word(value)}")
            return ""
        return fit(cut(field, value, most, self.notes)).strip()

    def identity(self, field: str) -> str:
        """Read an id; raises ValueError if it is too long."""
        value = self.values.get(field)
        return fit(check_id(value)).strip() if isinstance(value, str) else self.text(field, MAX_ID)

    def url(self, field: str) -> str | None:
        """Read an http or https address."""
        value = self.values.get(field)
        if value in (None, ""):
            return None
        url = http_url(value) if isinstance(value, str) else None
        if url is None:
            self._leave_out(field, f"only http and https addresses of at most {MAX_URL:,} characters are kept")
        return url

    def moment(self, field: str) -> str | None:
        """Read a date or moment, as text or in ms since 1970."""
        value = self.values.get(field)
        if value in (None, ""):
            return None
        try:
            if isinstance(value, int) and not isinstance(value, bool):
                return moment(datetime.fromtimestamp(value / 1000, UTC).isoformat())
            if isinstance(value, str):
                return moment(value[:100])
        except (ValueError, OverflowError, OSError):
            pass
        shown = repr(one_line(str(value)[:40])) if isinstance(value, str | int | float) else word(value)
        self._leave_out(field, f"{shown} is not a date between the years 1500 and 2200")
        return None

    def count(self, field: str) -> int | None:
        """Read a count, also one that is sent as text."""
        value = self.values.get(field)
        if value in (None, ""):
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value.strip()):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
            return value
        self._leave_out(field, "a count was expected")
        return None

    def names(self, field: str, most: int, *keys: str) -> tuple[str, ...]:
        """Read a list of texts, or of objects that have a text under one of `keys`; at most `most` of them."""
        value = self.values.get(field)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._leave_out(field, "a list was expected")
            return ()
        given = [_name_in(entry, keys) for entry in value[:most]]
        if long := sum(len(name) > MAX_AUTHOR for name in given):
            self.notes.append(f"{field}: {long:,} of {len(given):,} cut to {MAX_AUTHOR:,} characters")
        names = [" ".join(fit(name[:MAX_AUTHOR]).split()) for name in given]
        if odd := sum(not name for name in names) + max(len(value) - most, 0):
            self.notes.append(f"{field}: {odd:,} of {len(value):,} were not names, or were too many; left out")
        return tuple(name for name in names if name)

    def _leave_out(self, field: str, why: str) -> None:
        self.notes.append(f"{field}: {why}; left out")


def _name_in(entry: object, keys: tuple[str, ...]) -> str:
    if isinstance(entry, dict):
        entry = next(
            (entry[key] for key in keys if isinstance(entry.get(key), str) and entry[key][:MAX_AUTHOR].strip()), None
        )
    return entry if isinstance(entry, str) else ""
