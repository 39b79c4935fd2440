"""What counts as additive, shown on models of a few lines."""

from enum import StrEnum

import pytest
from pydantic import BaseModel, Field

from tests.contract.additive import breaking


class Kind(StrEnum):
    NEW = "new"


class Wider(StrEnum):
    NEW = "new"
    OLD = "old"


class Person(BaseModel):
    name: str


class Before(BaseModel):
    id: str
    count: int | None = None
    people: tuple[Person, ...] = ()
    names: dict[str, str] = Field(default_factory=dict)
    kind: Kind = Kind.NEW


class FieldAdded(Before):
    more: str = ""
    some: int | None = None


class FieldAddedInside(Before):
    class Person(BaseModel):
        name: str
        born: int | None = None

    people: tuple[Person, ...] = ()  # type: ignore[assignment]  # the point of it


class Renamed(Before):
    """Other words, another name, another default: nobody reads these."""

    count: int | None = Field(default=7, description="of cranes")


class Required(Before):
    more: str


class Demanded(Before):
    count: int | None


class Excused(Before):
    id: str = ""


class Retyped(Before):
    id: int  # type: ignore[assignment]  # the point of it


class Narrowed(Before):
    count: int = 0


class Widened(Before):
    id: str | int  # type: ignore[assignment]  # the point of it


class Bounded(Before):
    id: str = Field(max_length=3)


class KindAdded(Before):
    kind: Wider = Wider.NEW  # type: ignore[assignment]  # the point of it


class Unlisted(Before):
    people: Person | None = None  # type: ignore[assignment]  # the point of it


class OtherValues(Before):
    names: dict[str, int] = Field(default_factory=dict)  # type: ignore[assignment]  # the point of it


class RequiredInside(Before):
    class Person(BaseModel):
        name: str
        born: int

    people: tuple[Person, ...] = ()  # type: ignore[assignment]  # the point of it


class GoneInside(Before):
    class Person(BaseModel):
        pass

    people: tuple[Person, ...] = ()  # type: ignore[assignment]  # the point of it


class Gone(BaseModel):
    id: str
    count: int | None = None
    names: dict[str, str] = Field(default_factory=dict)
    kind: Kind = Kind.NEW


class Tree(BaseModel):
    name: str = ""
    parts: tuple["Tree", ...] = ()


@pytest.mark.parametrize("model", (Before, FieldAdded, FieldAddedInside, Renamed))
def test_an_additive_change_is_accepted(model: type[BaseModel]) -> None:
    assert breaking(Before.model_json_schema(), model.model_json_schema()) == []


@pytest.mark.parametrize(
    ("model", "difference"),
    (
        (Required, "the body.more is new and required"),
        (Demanded, "the body.count was optional, is required"),
        (Excused, "the body.id was required, is optional"),
        (Retyped, "the body.id: type was string, is integer"),
        (Narrowed, "the body.count: one of 2 kinds became one of 0"),
        (Widened, "the body.id: one of 0 kinds became one of 2"),
        (Bounded, "the body.id: maxLength was None, is 3"),
        (KindAdded, "the body.kind: enum was ['new'], is ['new', 'old']"),
        (Unlisted, "the body.people: one of 0 kinds became one of 2"),
        (OtherValues, "the body.names[]: type was string, is integer"),
        (RequiredInside, "the body.people[].born is new and required"),
        (GoneInside, "the body.people[].name is gone"),
        (Gone, "the body.people is gone"),
    ),
)
def test_a_breaking_change_is_found(model: type[BaseModel], difference: str) -> None:
    assert difference in breaking(Before.model_json_schema(), model.model_json_schema())


def test_taking_an_added_field_back_is_breaking() -> None:
    assert breaking(FieldAdded.model_json_schema(), Before.model_json_schema()) == [
        "the body.more is gone",
        "the body.some is gone",
    ]


def test_a_recursive_model_is_compared() -> None:
    assert breaking(Tree.model_json_schema(), Tree.model_json_schema()) == []
