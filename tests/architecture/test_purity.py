"""Modules do no I/O, and import no library that does, unless the row of their room names them.

A new module is pure by default. Parsing, merging, matching and signing are then tested without a server.
"""

from copy import deepcopy
from functools import cache

from tests.architecture.sources import PACKAGES, graph

VENDORS = {"aiohttp", "fastembed", "faststream", "qdrant_client", "redis"}
ANATOMY = {"__main__", "bootstrap", "driver", "handlers"}  # these do I/O in every room
ROOMS = ("services.cli", "services.notifier.bootstrap")  # rooms of which every module may do I/O
IMPURE: dict[str, tuple[str, ...]] = {
    # A room, and its modules that do I/O; a star stands for all of them.
    "embedded.qdrant.http": ("server",),
    "services.enricher": ("bootstrap_providers", "regrouping", "removal", "settings"),
    "services.enricher.providers": ("client", "connection", "llm_provider", "quotas", "registry"),
    "services.enricher.refresh": ("board", "cache", "due_works", "refresher"),
    "services.enricher.works": ("listing", "records"),
    "services.fetcher.http": ("polite", "robots"),
    "services.fetcher.ledger": ("ledger",),
    "services.fetcher.pictures": ("picture_loop", "picture_search", "picture_store"),
    "services.fetcher.polling": ("backfill", "disk_space", "outcome", "poller", "source_store"),
    "services.fetcher.sources": ("registry", "source_type", "sources_file"),
    "services.fetcher.sources.arxiv": ("announcements", "api_client", "api_query", "oai_harvest", "reconcile"),
    "services.fetcher.sources.files": ("folder",),
    "services.gateway": ("proxy", "system_routes"),
    "services.indexer": ("papers", "reanalysis"),
    "services.indexer.paper_map": ("build", "renewal"),
    "services.indexer.reconciling": ("reconciler",),
    "services.notifier.access": ("*",),
    "services.notifier.alerts": (
        "condition_checks",
        "digest_writer",
        "matched_until",
        "planner",
        "private_feeds",
    ),
    "services.notifier.api": ("*",),
    "services.notifier.delivery": ("deliveries", "disabling", "dispatcher", "history", "operational", "sender"),
    "services.notifier.following": ("*",),
    "services.notifier.insight": ("explain", "preview", "recent", "tuner"),
    "services.notifier.mailing": ("bounces",),
    "services.notifier.matching": (
        "indexed_papers",
        "interest_vectors",
        "judge",
        "written_points",
        "subscription_points",
    ),
    "services.notifier.pages": (
        "edit_pages",
        "feedback_actions",
        "form_page",
        "link_pages",
        "mail_actions",
        "my_pages",
        "my_papers",
        "my_reading",
        "my_subscriptions",
        "outbox_pages",
        "page",
        "subscribe_pages",
        "subscription_maker",
        "visits",
    ),
    "services.notifier.reading": ("list_export", "list_feed", "marked_papers"),
    "services.notifier.secrets": ("feed_tokens", "link_key", "rekey", "revoked_links", "vault"),
    "services.notifier.sending": ("email_sender", "http_senders", "messages"),
    "services.notifier.subscribing": ("consents", "erasure", "feedback", "optin", "returned_mail", "subscriptions"),
    "services.notifier.subscription": ("due_set", "store"),
    "services.search.api": (
        "author_profile",
        "explanation",
        "export_routes",
        "feed_routes",
        "for_you_routes",
        "guard",
        "instance_state",
        "paper_routes",
        "parameters",
        "reader",
        "responses",
        "recommended",
        "search_routes",
        "sign_ins",
        "suggestion_routes",
    ),
    "services.search.for_you": ("choices", "recommender"),
    "services.search.ranking": (
        "author_lookup",
        "engine",
        "list_points",
        "own_lists",
        "paper_index",
        "qdrant_filter",
        "retrieval",
        "second_look",
        "vector_search",
    ),
    "services.search.similar": ("similar_papers",),
    "services.search.web": ("discovery_routes", "personal", "render", "routes", "sparks", "unapi"),
    "services.search.web.pages": ("*",),
    "shared": ("connections", "outages", "outbound", "runtime"),
    "shared.board": ("__init__", "api_documents", "paper_map", "picture_wishes", "table"),
    "shared.bus": (
        "__init__",
        "backlog",
        "bus",
        "consumer",
        "dead",
        "heartbeats",
        "hop",
        "isolation",
        "outage_log",
        "pending",
        "progress",
        "readers",
        "redis_server",
        "upkeep",
        "watch",
    ),
    "shared.coordination": ("*",),
    "shared.embedding": ("embedder", "hub", "reranker"),
    "shared.http": (
        "__init__",
        "api",
        "app",
        "assets",
        "conditional",
        "health",
        "metrics",
        "openapi",
        "patience",
        "related",
        "serving",
    ),
    "shared.llm": ("chat", "day_budget", "language_model"),
    "shared.qdrant": ("*",),
    "shared.readers": ("last_visit", "reading_store", "sessions"),
}
# A request body is a model and does no I/O, although its base class is defined beside the routes that take it.
BODIES = (
    "services.notifier.reading.kept_papers",
    "services.notifier.fields.sealable",
    "services.notifier.subscription.digest_schedule",
    "services.notifier.subscription.model",
    "services.notifier.subscription.sensitivity",
)


@cache
def impure() -> frozenset[str]:
    """Return the modules that reach a library for I/O, through whatever they import."""
    imports = deepcopy(graph())
    for body in BODIES:
        imports.remove_import(importer=body, imported="shared.http.api")
    ours = (module for module in imports.modules if module.partition(".")[0] in PACKAGES)
    return frozenset(module for module in ours if not VENDORS.isdisjoint(imports.find_upstream_modules(module)))


def allowed(module: str) -> bool:
    """Return whether a module may do I/O."""
    if module in graph().find_modules_directly_imported_by("services.fetcher.sources.registry"):
        return True  # a source reads its answers itself
    room, _, name = (f"{module}.__init__" if graph().find_children(module) else module).rpartition(".")
    named = IMPURE.get(room, ())
    return name in ANATOMY or name in named or "*" in named or f"{room}.".startswith(tuple(f"{one}." for one in ROOMS))


def test_modules_do_no_io_unless_their_room_names_them() -> None:
    assert [module for module in sorted(impure()) if not allowed(module)] == [], "make them pure, or add them to IMPURE"


def test_a_room_names_no_module_without_io() -> None:
    named = {f"{room}.{name}".removesuffix(".__init__") for room, names in IMPURE.items() for name in names}
    assert {name for name in named if not name.endswith("*")} - impure() == set(), "remove them from IMPURE"
