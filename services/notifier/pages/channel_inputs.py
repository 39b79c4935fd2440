"""The inputs of a form for the settings of each channel, made from the channel's own definition. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from services.notifier.channels.definition import ChannelDefinition, Transport
from services.notifier.channels.registry import CHANNELS

_LONG: Final = 4_096
"""Characters from which on a text needs several lines."""
_TYPE: Final = "type"


class Kind(StrEnum):
    """How a field is typed."""

    TEXT = "text"
    SECRET = "password"  # noqa: S105  # a kind of input
    NUMBER = "number"
    MAIL = "email"
    LINES = "lines"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `name` is unique in the form, `field` is the setting. `example` is what it has when left empty."""

    field: str
    name: str
    label: str
    kind: Kind
    required: bool
    hint: str = ""
    example: str = ""
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class ChannelInputs:
    """The inputs of a channel: those that it needs, and those that it can do without."""

    id: str
    label: str
    needed: tuple[Input, ...]
    optional: tuple[Input, ...]

    def settings(self, typed: Mapping[str, str]) -> dict[str, Any]:
        """Return the settings of the channel as the API takes them, by the names of inputs; empty ones are left out.

        Raises:
            ValueError: an input is not what it should be; the text says what to change.

        """
        inputs = (*self.needed, *self.optional)
        given = {one.field: _value(one, text) for one in inputs if (text := typed.get(one.name, "").strip())}
        return {_TYPE: self.id, **given}


def inputs_of(definition: ChannelDefinition[Any]) -> ChannelInputs:
    """Return the inputs of a channel, in the order of its fields."""
    schema = definition.settings.model_json_schema()
    required = frozenset(schema.get("required", ()))
    made = [
        _input(definition, name, field, required=name in required)
        for name, field in schema["properties"].items()
        if name != _TYPE
    ]
    needed = tuple(one for one in made if one.required)
    return ChannelInputs(definition.id, definition.label, needed, tuple(one for one in made if not one.required))


def _input(definition: ChannelDefinition[Any], name: str, schema: Mapping[str, Any], *, required: bool) -> Input:
    """Return the input of one property of a JSON schema."""
    label = definition.settings.model_fields[name].title or name.replace("_", " ").capitalize()
    if definition.settings.transport is Transport.MAIL:
        return replace(input_of(name, name, schema, label, required=required), kind=Kind.MAIL)
    return input_of(f"{definition.id}.{name}", name, schema, label, required=required)


def input_of(name: str, field: str, schema: Mapping[str, Any], label: str, *, required: bool) -> Input:
    """Return the input of a name for a field, from the field's JSON schema."""
    form = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    default = schema.get("default")
    return Input(
        field=field,
        name=name,
        label=label,
        kind=_kind(form),
        required=required,
        hint=schema.get("description", ""),
        example=str(default) if default and not isinstance(default, dict) else "",
        least=form.get("minimum", form.get("exclusiveMinimum")),
        most=form.get("maximum"),
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    kinds = {"integer": Kind.NUMBER, "number": Kind.NUMBER, "object": Kind.LINES}
    if schema.get("format") == "password":
        return Kind.SECRET
    if schema.get("maxLength", 0) > _LONG:
        return Kind.LONG
    return kinds.get(schema.get("type", ""), Kind.TEXT)


def _value(one: Input, text: str) -> Any:  # noqa: ANN401  # what the setting takes
    if one.kind is Kind.LINES:
        return _pairs(one.label, text)
    if one.kind is not Kind.NUMBER:
        return text
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError as error:
        raise ValueError(f"{one.label} must be a number.") from error


def _pairs(label: str, text: str) -> dict[str, str]:
    pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
    if not all(colon and value.strip() for _, colon, value in pairs):
        raise ValueError(f"{label} must be lines such as Authorization: Bearer abc.")
    return {name.strip(): value.strip() for name, _, value in pairs}


INPUTS: Final[Mapping[str, ChannelInputs]] = {one.id: inputs_of(one) for one in CHANNELS}
"""The inputs of each channel, by its id, in the order of the registry."""
