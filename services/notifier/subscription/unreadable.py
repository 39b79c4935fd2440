"""What stands for a subscription whose record cannot be read, so that its owner sees it and can delete it. Pure.

It is disabled, so nothing matches it and nothing is sent; and it is never written back.
"""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import ValidationError

from services.notifier.channels.feed import Feed
from services.notifier.subscription.model import State, Status, Subscription
from shared.papers.paper import ChangeKind

_NO_MOMENT: Final = datetime.fromtimestamp(0, UTC)
_MAX_NAME: Final = 100
_MAX_PROBLEM: Final = 150


def stand_in(id_: str, raw: bytes, error: ValidationError) -> tuple[str, Subscription]:
    """Return the owner, empty where the record does not say it, and a subscription with the reason as its state."""
    record = _object(raw)
    fields = record.get("subscription")
    fields = fields if isinstance(fields, dict) else {}
    name = " ".join(str(fields.get("name") or "").split())[:_MAX_NAME]
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the record"
    what = f"{where}: {problem['msg'][:_MAX_PROBLEM]}"
    subscription = Subscription(
        id=id_,
        name=name or "Unreadable subscription",
        changes=(ChangeKind.TRENDING,),
        channel=Feed(type="feed"),
        state=State(
            status=Status.DISABLED,
            reason=f"Its record cannot be read ({what}): delete it and subscribe again.",
            since=_NO_MOMENT,
        ),
        created_at=_moment(fields.get("created_at")),
        updated_at=_moment(fields.get("updated_at")),
    )
    owner = record.get("owner")
    return owner if isinstance(owner, str) else "", subscription


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _moment(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return _NO_MOMENT
    return found if found.tzinfo else _NO_MOMENT
