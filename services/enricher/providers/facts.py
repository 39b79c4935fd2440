"""The facts of a provider about a work, in one form for all providers."""

from shared.papers.paper import Appearance, Author, Model, Signals, Tldr


class Repository(Model):
    """A repository: the address that was requested, and what is there now."""

    asked: str
    url: str
    stars: int | None = None
    archived: bool | None = None


class Facts(Model):
    """An answer about a work. A field that is None or empty is unknown; an empty answer means an unknown work."""

    provider: str
    title: str | None = None
    """The title that the provider has for the DOI, which sometimes belongs to another work."""
    signals: Signals = Signals()
    venue: str | None = None
    published: str | None = None
    """The DOI of the published version, normalized."""
    retracted: str | None = None
    """The DOI of the notice that retracts it."""
    appeared: Appearance | None = None
    """Where in the venue."""
    people: tuple[Author, ...] = ()
    """The authors whose ORCID iD the provider knows."""
    abstract: str | None = None
    tldr: str | None = None
    """One sentence that the provider's model wrote; it becomes the work's `tldr`, never its `gist`."""
    summary: Tldr | None = None
    """The summary by the operator's model, of the text with the fingerprint that it names."""
    repositories: tuple[Repository, ...] = ()
    oddities: tuple[str, ...] = ()
