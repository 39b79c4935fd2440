"""What a provider says of a work, in our own words whatever its API is like."""

from shared.papers.paper import Model, Signals


class Repository(Model):
    """A repository: the address that was asked for, and what is there now."""

    asked: str
    url: str
    stars: int | None = None
    archived: bool | None = None


class Facts(Model):
    """An answer. What is None or empty was not said; an answer with nothing in it means "no such work here"."""

    provider: str
    title: str | None = None
    """As the provider names the work, where it was asked by a DOI: those are sometimes another work's."""
    signals: Signals = Signals()
    venue: str | None = None
    published: str | None = None
    """The DOI of the published version, normalized."""
    retracted: str | None = None
    """The DOI of the notice that retracts it, or the word for it."""
    abstract: str | None = None
    tldr: str | None = None
    """One sentence that the provider's model wrote; it becomes the work's `tldr`, never its `gist`."""
    repositories: tuple[Repository, ...] = ()
    oddities: tuple[str, ...] = ()
