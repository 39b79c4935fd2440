"""The common fields of every `[[source]]` table of `sources.toml`; each source type adds its own fields. Pure."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
Category = Annotated[str, Field(pattern=r"^[\w.-]+( [\w.-]+)*$", max_length=100)]


def _seconds(value: object) -> object:
    """Read "90s", "30m", "6h" or "1d" as seconds."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)\s*([smhd])", value.strip())):
        return int(match[1]) * _UNITS[match[2]]
    return value


class SourceConfig(BaseModel):
    """One `[[source]]` table. A type that needs no more than this uses it as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w .:+-]+$")
    type: str
    interval: Annotated[timedelta, BeforeValidator(_seconds)] = timedelta(minutes=30)
    enabled: bool = True

    @field_validator("interval")
    @classmethod
    def _check_interval(cls, interval: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= interval <= timedelta(days=366):
            message = "the interval must be between a second and a year"
            raise ValueError(message)
        return interval

    @property
    def target(self) -> str:
        """Return the target of a source, which may hold secrets. When it changes, the cursor is dropped."""
        return self.type

    @property
    def shown_target(self) -> str:
        """The target without secrets, as the status shows it to anybody."""
        return self.target

    def resolved(self, _base: Path) -> Self:
        """Return the table with relative paths resolved against a folder; only a type that has a path overrides it."""
        return self
