"""Build what keeps liked papers in step with the places that they are taken from."""

import asyncio
from collections.abc import Mapping
from typing import Final

from services.notifier.bootstrap.foundation import Foundation
from services.notifier.following import orcid_record, own_list, scholar_author, zotero
from services.notifier.following.follower import Follower
from services.notifier.following.known_items import KnownItems
from services.notifier.following.orcid_record import OrcidRecord
from services.notifier.following.own_list import OwnList
from services.notifier.following.place_client import PlaceClient
from services.notifier.following.port import Place
from services.notifier.following.scholar_author import ScholarAuthor
from services.notifier.following.zotero import Zotero
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.coordination.quotas import Quota
from shared.outbound import outbound_session
from shared.own_version import user_agent
from shared.readers.reading_store import ReadingLists
from shared.runtime import Loop

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of an answer: the keys of 250,000 items of Zotero."""


def follower_loops(base: Foundation, subscriptions: Subscriptions, papers: IndexedPapers) -> tuple[Loop, ...]:
    """Return the loop of the follower, which visits its places; none for an instance that is offline."""
    if base.settings.offline:
        return ()
    follower = Follower(
        base.redis,
        base.store,
        subscriptions,
        base.vault,
        KnownItems(papers),
        _places(base),
        base.clock,
        base.settings.likes_interval,
        base.settings.likes_poll,
    )
    return (follower.run,)


def _places(base: Foundation) -> Mapping[str, Place]:
    settings = base.settings
    agent = user_agent(settings.contact)
    session = outbound_session(settings.allow_private_endpoints, agent, total=settings.place_timeout, limit=4)
    base.runtime.at_end(session.close)

    def client(id_: str, name: str, address: str, quota: Quota, **headers: str) -> PlaceClient:
        return PlaceClient(session, base.redis, id_, name, address, quota, MAX_BODY, asyncio.sleep, headers)

    key = settings.semantic_scholar_key
    secret = {"x-api-key": key.get_secret_value()} if key else {}
    scholar = client(scholar_author.ID, "Semantic Scholar", settings.semantic_scholar_url, Quota(1, 0.9), **secret)
    record = client(orcid_record.ID, "ORCID", settings.orcid_url, Quota(4, 2.0), Accept="application/json")
    return {
        zotero.ID: Zotero(client(zotero.ID, "Zotero", settings.zotero_url, Quota(4, 2.0))),
        orcid_record.ID: OrcidRecord(record),
        scholar_author.ID: ScholarAuthor(scholar),
        own_list.ID: OwnList(ReadingLists(base.redis)),
    }
