"""What one API key may ask for: requests, and fewer of those that cost more."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.notifier.access.guards import ID_SEGMENT, OWNER
from shared.coordination.quotas import Quota
from shared.coordination.request_limits import RequestLimits
from shared.http import Api, Problem

COSTLY: Final[Mapping[tuple[str, str], tuple[str, Quota]]] = {
    ("POST", "/v1/subscriptions/preview"): ("previews", Quota(30, 30 / 60)),
    ("POST", f"/v1/subscriptions/{ID_SEGMENT}/test"): ("tests", Quota(10, 10 / 60)),
}
"""The policy and the quota of routes that cost more than others, for each API key."""


def limit_keys(api: Api, limits: RequestLimits, per_address: int, per_key: int) -> None:
    """Count every request of an API: by its key, or by its address if it has no valid one. Both are a minute's.

    With 0 a key has no limit at all.
    """
    guard, address, key = api.guard, Quota(per_address, per_address / 60), Quota(per_key, per_key / 60)
    costly = {(method, _canonical(path)): row for (method, path), row in COSTLY.items()}

    async def count_anonymous(request: web.Request) -> None:
        if "Authorization" not in request.headers:
            await limits.count_client(request, "requests", address)

    async def count_owner(request: web.Request) -> None:
        try:
            if guard:
                await guard(request)
        except Problem:
            if "Authorization" in request.headers:
                await limits.count_client(request, "requests", address)
            raise
        await limits.count(request, "key", request[OWNER], key)
        resource = request.match_info.route.resource
        if key.most and resource and (row := costly.get((request.method, resource.canonical))):
            policy, quota = row
            await limits.count(request, policy, request[OWNER], quota)

    api.limit, api.guard = count_anonymous, count_owner


def _canonical(path: str) -> str:
    return path.replace(ID_SEGMENT, "{id}")
