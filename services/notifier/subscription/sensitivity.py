"""How many papers a subscription matches: a threshold, or a volume for which the tuner finds a threshold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag

from shared.http.api import Body
from shared.papers.paper import Model

DEFAULT_THRESHOLD: Final = 0.45
"""Measured with all-MiniLM-L6-v2: 25 plain queries against 2,500 papers of all fields of arXiv. At 0.45 a median of 9
papers pass (0.4 %), nearly all on the topic; at 0.40 twice as many, the last of which only share the field; at 0.50
three, and queries whose best paper scores 0.45 to 0.50 match nothing. Half of all pairs are below 0.10. That was the
cosine alone; since words count, nearly as many pass (docs/adr/0071)."""
MIN_ABSTRACT_LENGTH: Final = 400
"""Characters from which a query counts as a pasted abstract, which is embedded and compared like a paper."""
ABSTRACT_THRESHOLD: Final = 0.65
"""Measured with the same model on 3,000 papers of computer science: the first half of an abstract against title and
second half, the same idea in other words, scores 0.65 or more for four of five papers (median 0.75; a revised abstract
0.96), and so do 1.5 other papers on average. At 0.70 it is three of four papers, and 0.4 others."""
MIN_TUNED_THRESHOLD: Final = 0.30
"""The lowest threshold that the tuner sets. Of all pairs within a field, half score over 0.19, a fifth over 0.30."""
TUNING_PERIOD: Final = timedelta(days=1)
"""How long a tuned threshold stays before it is tuned again."""


class Volume(Body):
    """A number of alerts a week. The threshold is tuned to the last weeks of the index, and adjusted slowly."""

    per_week: float = Field(gt=0, le=1_000, strict=True, allow_inf_nan=False)


Threshold = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]


def _kind(value: Any) -> str:  # noqa: ANN401  # whatever the client sent
    return "volume" if isinstance(value, dict | Volume) else "threshold"


Sensitivity = Annotated[Annotated[Threshold, Tag("threshold")] | Annotated[Volume, Tag("volume")], Discriminator(_kind)]


class Tuning(Model):
    """How the threshold for a volume was found; `per_week` is how many papers it would have matched lately."""

    threshold: float
    per_week: float | None = Field(description="null if the index held too few papers to tell")
    at: datetime

    @property
    def due(self) -> float:
        """When to tune it again, in Unix seconds."""
        return (self.at + TUNING_PERIOD).timestamp()


def is_abstract(query: str | None) -> bool:
    """Return whether a query is a pasted abstract."""
    return query is not None and len(query) >= MIN_ABSTRACT_LENGTH


def default_threshold(query: str | None) -> float:
    """Return the threshold for a subscription that sets none, or whose volume has no threshold yet."""
    return ABSTRACT_THRESHOLD if is_abstract(query) else DEFAULT_THRESHOLD


def default_sensitivity(fields: Mapping[str, Any]) -> float:
    """Return the default sensitivity for the fields that were validated before it."""
    return default_threshold(fields.get("query"))
