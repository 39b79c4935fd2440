"""The table of channels in `docs/channels.md`, made from the rows."""

import re
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from services.notifier.channels.definition import ChannelDefinition
from services.notifier.channels.registry import CHANNELS
from services.notifier.fields.secret import Secret

PATH: Final = Path(__file__).parents[2] / "docs" / "channels.md"
_HEAD: Final = "| type | fields | sent as |\n|---|---|---|\n"
_TABLE: Final = re.compile(r"\| type \|.*?(?=\n\n)", re.DOTALL)


def channel_table() -> dict[Path, str]:
    """Write the document with the table as the rows have it."""
    table = _HEAD + "\n".join(map(_line, CHANNELS))
    return {PATH: _TABLE.sub(lambda _: table, PATH.read_text("utf-8"), count=1)}


def _line(one: ChannelDefinition[Any]) -> str:
    fields = (_field(name, field.annotation) for name, field in one.settings.model_fields.items() if name != "type")
    return f"| `{one.id}` | {', '.join(fields)} | {one.summary} |"


def _field(name: str, annotation: object) -> str:
    if not _holds_secret(annotation):
        return f"`{name}`"
    return f"`{name}` (*values secret*)" if get_origin(annotation) is dict else f"`{name}` (*secret*)"


def _holds_secret(annotation: object) -> bool:
    return annotation is Secret or any(map(_holds_secret, get_args(annotation)))
