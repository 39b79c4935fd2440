"""The inputs of a form for the places of liked papers, made from the definition of each place. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from services.notifier.fields.likes_from import LikesFrom, LikesPlace
from services.notifier.pages.channel_inputs import Input, Kind, input_of

OWN_LIST: Final = "reading-list"
_TYPE: Final = "type"
_KEY: Final = "key"
_LABELS: Final = {
    OWN_LIST: "The papers that I save and like here; what I mark later counts too",
    "zotero": "A library of Zotero",
    "orcid": "An ORCID record",
    "semantic-scholar": "An author at Semantic Scholar",
}
_FIELDS: Final = {"zotero.key": "Zotero key", "orcid.id": "ORCID iD"}
"""The labels of inputs that are no names of fields."""
_PAGES: Final = {"zotero": "https://www.zotero.org/settings/keys"}
"""Where a reader finds their user ID, and makes a key."""


@dataclass(frozen=True, slots=True)
class PlaceInputs:
    """The inputs of a place; `page` is where a reader finds their user ID and makes a key, or empty."""

    id: str
    label: str
    inputs: tuple[Input, ...]
    page: str = ""

    def settings(self, typed: Mapping[str, str], kept: LikesPlace | None) -> dict[str, Any]:
        """Return the place as the API takes it, by the names of inputs.

        A key that is not typed is that of the place that is `kept`, if there is one of the same type.
        """
        given: dict[str, Any] = {one.field: text for one in self.inputs if (text := typed.get(one.name, "").strip())}
        key = getattr(kept, _KEY, None) if kept and kept.type == self.id else None
        return {_TYPE: self.id, **({_KEY: key} if key else {}), **given}


def _inputs_of(place: type[LikesPlace]) -> PlaceInputs:
    schema = place.model_json_schema()
    id_, required = schema["properties"][_TYPE]["const"], frozenset(schema.get("required", ()))
    inputs = [
        input_of(
            f"{id_}.{field}", field, form, _FIELDS.get(f"{id_}.{field}", field.capitalize()), required=field in required
        )
        for field, form in schema["properties"].items()
        if field != _TYPE
    ]
    inputs.sort(key=lambda one: (not one.required, one.kind is not Kind.SECRET))  # a key opens what is required
    return PlaceInputs(id_, _LABELS.get(id_, id_), tuple(inputs), _PAGES.get(id_, ""))


def _places() -> tuple[type[LikesPlace], ...]:
    """Return the types of places, in the order of the API's field."""
    return get_args(get_args(LikesFrom)[0])


PLACES: Final[Mapping[str, PlaceInputs]] = {one.id: one for one in map(_inputs_of, _places())}
"""The inputs of each place, by its type."""


def typed_of(place: LikesPlace) -> dict[str, str]:
    """Return the inputs of a place as they would have been typed, without its key."""
    fields = place.model_dump()
    inputs = PLACES[place.type].inputs
    return {one.name: str(fields[one.field]) for one in inputs if one.kind is not Kind.SECRET and fields[one.field]}
