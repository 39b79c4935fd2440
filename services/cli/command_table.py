"""The table of commands: where each is, and what the help of `paperwire` says of it. Pure."""

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """Where a command is, and what the help of `paperwire` says of it: the first sentence of its own help."""

    place: str
    about: str


COMMANDS: Final = {
    "up": Entry("services.cli.up.commands:up", "Start all services, and a Redis and a Qdrant if no address is set."),
    "run": Entry(
        "services.cli.up.commands:run", "Run one service in this process, with the Redis and Qdrant of the environment."
    ),
    "import": Entry(
        "services.cli.commands.import_papers:import_command", "Import papers and wait until they are searchable."
    ),
    "export": Entry("services.cli.commands.export:export", "Write papers to standard output as one file."),
    "search": Entry("services.cli.commands.queries:search", "Search the papers."),
    "trending": Entry("services.cli.commands.queries:trending", "List the papers that are trending."),
    "subscribe": Entry(
        "services.cli.commands.subscribe:subscribe",
        "Subscribe to papers that match a query, phrases, authors, categories, sources, a library, or cite yours.",
    ),
    "status": Entry(
        "services.cli.commands.queries:status",
        "Show sources, providers, the lag of each stream, dead letters and announcement days.",
    ),
    "mcp": Entry(
        "services.cli.commands.mcp:mcp",
        "Serve search, papers, subscriptions and the reading list to agents over the Model Context Protocol.",
    ),
    "bounce": Entry(
        "services.cli.commands.bounce:bounce",
        "Take a bounce or a complaint from standard input: suppress its address if mail to it fails for good.",
    ),
    "backfill": Entry(
        "services.cli.commands.backfill:backfill", "Harvest the past of an archive: searchable, without alerts."
    ),
    "reindex": Entry(
        "services.cli.reindex.reindex_command:reindex",
        "Index all papers anew, beside the index in use: for another embedding model, or after damage.",
    ),
    "doctor": Entry("services.cli.commands.doctor:doctor", "Check what Paperwire needs, on one page."),
    "mail": Entry("services.cli.commands.mail:app", "Mail: look at it before it is sent, and erase a reader."),
    "sources": Entry("services.cli.commands.sources:app", "Sources of papers: what is polled, and its state."),
    "subscriptions": Entry("services.cli.commands.subscriptions:app", "Subscriptions of an API key."),
    "dead": Entry("services.cli.commands.dead_letters:app", "Dead letters: events that could not be handled."),
    "works": Entry("services.cli.commands.works:app", "Works: what is one work, and what is not."),
    "sample": Entry("services.cli.commands.sample_papers:app", "Sample papers: those that a new instance starts with."),
    "keys": Entry(
        "services.cli.commands.api_keys:app", "API keys: each owns the subscriptions that were created with it."
    ),
}
"""The commands in the order of the help. The module of a command is imported when it is used, and not for the help."""
