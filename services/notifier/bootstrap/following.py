"""Build what keeps liked papers in step with their places, and what asks who cites the papers of readers."""

import asyncio
from dataclasses import dataclass
from typing import Final

from services.notifier.alerts.planner import AlertPlanner
from services.notifier.bootstrap.foundation import Foundation
from services.notifier.following import orcid_record, own_list, own_papers, scholar_author, zotero
from services.notifier.following.citation_alerts import CitationAlerts
from services.notifier.following.citation_visits import AlertSink, CitationVisits
from services.notifier.following.follower import Follower
from services.notifier.following.known_items import KnownItems
from services.notifier.following.orcid_record import OrcidRecord
from services.notifier.following.own_list import OwnList
from services.notifier.following.own_papers import GivenPapers
from services.notifier.following.place_client import PlaceClient
from services.notifier.following.port import Place
from services.notifier.following.scholar_author import ScholarAuthor
from services.notifier.following.scholar_citations import ScholarCitations
from services.notifier.following.zotero import Zotero
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.coordination.quotas import Quota
from shared.outbound import outbound_session
from shared.readers.reading_store import ReadingLists
from shared.runtime import Loop
from shared.versions import user_agent

MAX_BODY: Final = 8 * 1024 * 1024
"""Bytes of an answer: the keys of 250,000 items of Zotero."""
SCHOLAR_QUOTA: Final = Quota(1, 0.9)
"""Of Semantic Scholar, as of the enricher, which shares it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of the services that places and citations are read from."""

    zotero: PlaceClient
    orcid: PlaceClient
    scholar: PlaceClient


@dataclass(frozen=True, slots=True)
class CitationParts:
    """What alerts about citing papers are made with."""

    base: Foundation
    papers: IndexedPapers
    interests: InterestVectors
    points: SubscriptionPoints
    planner: AlertPlanner
    sink: AlertSink

    def visits(self, clients: Clients) -> CitationVisits:
        """Return what asks for citations."""
        base = self.base
        places: dict[str, Place] = {
            orcid_record.ID: OrcidRecord(clients.orcid, "cites"),
            scholar_author.ID: ScholarAuthor(clients.scholar, "cites"),
            own_papers.ID: GivenPapers(),
        }
        return CitationVisits(
            base.redis,
            base.store,
            self.points,
            places,
            ScholarCitations(clients.scholar),
            CitationAlerts(base.redis, self.papers, self.interests, self.planner, base.clock),
            self.sink,
            base.clock,
            base.settings.citations_interval,
            base.settings.likes_poll,
        )


def following_loops(
    base: Foundation,
    subscriptions: Subscriptions,
    papers: IndexedPapers,
    citations: CitationParts,
) -> tuple[Loop, ...]:
    """Return the loops that visit places and ask for citations; none for an instance that is offline."""
    if base.settings.offline:
        return ()
    clients = _clients(base)
    places: dict[str, Place] = {
        zotero.ID: Zotero(clients.zotero),
        orcid_record.ID: OrcidRecord(clients.orcid),
        scholar_author.ID: ScholarAuthor(clients.scholar),
        own_list.ID: OwnList(ReadingLists(base.redis)),
    }
    settings = base.settings
    follower = Follower(
        base.redis,
        base.store,
        subscriptions,
        base.vault,
        KnownItems(papers),
        places,
        base.clock,
        settings.likes_interval,
        settings.likes_poll,
    )
    return (follower.run, citations.visits(clients).run)


def _clients(base: Foundation) -> Clients:
    settings = base.settings
    agent = user_agent(settings.contact)
    session = outbound_session(settings.allow_private_endpoints, agent, total=settings.place_timeout, limit=4)
    base.runtime.at_end(session.close)

    def client(id_: str, name: str, address: str, quota: Quota, **headers: str) -> PlaceClient:
        return PlaceClient(session, base.redis, id_, name, address, quota, MAX_BODY, asyncio.sleep, headers)

    key = settings.semantic_scholar_key
    secret = {"x-api-key": key.get_secret_value()} if key else {}
    return Clients(
        zotero=client(zotero.ID, "Zotero", settings.zotero_url, Quota(4, 2.0)),
        orcid=client(orcid_record.ID, "ORCID", settings.orcid_url, Quota(4, 2.0), Accept="application/json"),
        scholar=client(scholar_author.ID, "Semantic Scholar", settings.semantic_scholar_url, SCHOLAR_QUOTA, **secret),
    )
