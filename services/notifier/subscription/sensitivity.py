"""How much a subscription lets through: a threshold of its reader's, or a volume that one is found for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag

from shared.http.api import Body
from shared.papers.paper import Model

DEFAULT_THRESHOLD: Final = 0.45
"""Measured with all-MiniLM-L6-v2: 25 plain queries against 2,500 papers of all fields of arXiv. At 0.45 a median of 9
papers pass (0.4 %), nearly all on the topic; at 0.40 it is twice as many and the last ones are only of the same field;
at 0.50 it is 3, and queries whose best paper scores 0.45 to 0.50 get nothing. Half of all pairs are below 0.10."""
ABSTRACT: Final = 400
"""Characters from which a query is a pasted abstract: its subscription is a scoop watch, compared as papers are."""
SCOOP_THRESHOLD: Final = 0.65
"""Measured with the same model on 3,000 papers of computer science: the first half of an abstract against title and
second half, the same idea in other words, scores 0.65 or more for four of five (median 0.75; a revised abstract 0.96);
of the others one and a half do. At 0.70 it is three of four, and 0.4."""
LOWEST: Final = 0.30
"""No volume is filled up from below this: of all pairs within one field half score over 0.19, a fifth over 0.30."""
PERIOD: Final = timedelta(days=1)
"""How long a found threshold stays before it is looked at again."""


class Volume(Body):
    """About so many alerts a week: the threshold is found from the last weeks in the index, and kept up slowly."""

    per_week: float = Field(gt=0, le=1_000, strict=True, allow_inf_nan=False)


Threshold = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]


def _kind(value: Any) -> str:  # noqa: ANN401  # whatever the client sent
    return "volume" if isinstance(value, dict | Volume) else "threshold"


Sensitivity = Annotated[Annotated[Threshold, Tag("threshold")] | Annotated[Volume, Tag("volume")], Discriminator(_kind)]


class Tuning(Model):
    """How the threshold of a wanted volume was found: `per_week` is what it would have let through of late."""

    threshold: float
    per_week: float | None = Field(description="None when the index held too little to tell")
    at: datetime

    @property
    def due(self) -> float:
        """When it is to be looked at again, in Unix seconds."""
        return (self.at + PERIOD).timestamp()


def is_abstract(query: str | None) -> bool:
    """Tell whether a query is a pasted abstract."""
    return query is not None and len(query) >= ABSTRACT


def default_threshold(query: str | None) -> float:
    """Give the threshold where none is given, and where a wanted one cannot be found yet."""
    return SCOOP_THRESHOLD if is_abstract(query) else DEFAULT_THRESHOLD


def default_sensitivity(fields: Mapping[str, Any]) -> float:
    """Give the default, from the fields that were read before it."""
    return default_threshold(fields.get("query"))
