"""When alerts go: at once, or gathered for an hour of the reader's."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _instant_only(value: Any) -> Any:  # noqa: ANN401  # whatever the client sent
    """Refuse plainly what the interface promises and this version does not do, rather than ignore it."""
    if isinstance(value, dict) and (found := [field for field in ("daily", "weekly") if field in value]):
        raise PydanticCustomError("not_available", "{what} is not available yet", {"what": found[0]})
    return value


Schedule = Annotated[Literal["instant"], BeforeValidator(_instant_only)]
