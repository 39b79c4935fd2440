"""The objects of the API, as dictionaries with types.

Made from the OpenAPI document: `python -m tests.contract.regenerate` writes it.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

ChangeKind = Literal["new", "revised", "withdrawn", "restored", "published", "code_added", "signals", "trending"]
DeliveryState = Literal["pending", "delivered", "failed", "held", "declined"]
Facet = Literal["problem", "method", "result"]
Kind = Literal["more", "less", "mute"]
Mode = Literal["hybrid", "semantic", "lexical"]
Sort = Literal["newest", "trending"]
Status = Literal["active", "paused", "disabled", "unconfirmed"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Appearance(TypedDict):
    """Where in its venue a work appeared, and in which year, as a source or a registry says."""

    volume: NotRequired[str | None]
    number: NotRequired[str | None]
    pages: NotRequired[str | None]
    year: NotRequired[int | None]


class Attempt(TypedDict):
    """One attempt. `answer` is the start of the response body; `error` says why the attempt failed. `returned`: no attempt, but what was reported later about the one before: a bounce, or a complaint."""

    at: str
    status: NotRequired[int | None]
    latency_ms: float
    error: NotRequired[str | None]
    answer: NotRequired[str]
    returned: NotRequired[bool]


class Author(TypedDict):
    """A person as the source spells them."""

    name: str
    orcid: NotRequired[str | None]


class Check(TypedDict):
    """One condition, whether it holds, and a sentence about it."""

    name: str
    passes: bool
    detail: str


class CitationsRead(TypedDict):
    """The last visit that asked who cites the papers of an owner."""

    read_at: NotRequired[str | None]
    papers: NotRequired[int]
    citations: NotRequired[int]
    awaited: NotRequired[int]
    error: NotRequired[str | None]
    next_at: str


class CodeLink(TypedDict):
    """A repository with its stars, and whether its owner has archived it, where known."""

    url: str
    stars: NotRequired[int | None]
    archived: NotRequired[bool | None]


class Component(TypedDict):
    """The contribution of one signal to a work's trend: `weight` × `score`, the robust z-score of its log-growth."""

    signal: str
    value: float
    growth: float
    score: float
    weight: float


class Count(TypedDict):
    """A value and its number of papers."""

    value: str | int | bool
    count: int


class Daily(TypedDict):
    """A digest every day at a time."""

    timezone: NotRequired[str]
    when_complete: NotRequired[bool]
    daily: str


class DeliveryPage(TypedDict):
    """Deliveries, newest first."""

    deliveries: list[DeliveryView]
    next_cursor: str | None


class DeliveryView(TypedDict):
    """A delivery with its last attempts, oldest first."""

    id: str
    subscription: str
    also: NotRequired[list[str]]
    owner: str
    paper: NotRequired[str]
    change: NotRequired[ChangeKind | None]
    created_at: str
    state: NotRequired[DeliveryState]
    attempts: NotRequired[int]
    next_attempt_at: NotRequired[str | None]
    test: NotRequired[bool]
    condition: NotRequired[Outcome | None]
    log: NotRequired[list[Attempt]]


class Discord(TypedDict):
    """A webhook of a Discord channel."""

    type: Literal["discord"]
    template: NotRequired[str | None]
    url: str


class Email(TypedDict):
    """A mailbox."""

    type: Literal["email"]
    address: str


class Entry(TypedDict):
    """Feedback that was given. `about` is a paper's id or an author's name, `title` its name for readers."""

    id: str
    kind: Kind
    about: str
    title: str
    at: str
    undone: NotRequired[bool]
    replaced: NotRequired[bool]


class ExplainedPaper(TypedDict):
    """The paper that is explained."""

    id: str
    title: str


class Facets(TypedDict):
    """The most frequent values among the papers that a search finds."""

    categories: list[Count]
    authors: list[Count]
    sources: list[Count]
    years: list[Count]
    has_code: list[Count]


class Feed(TypedDict):
    """A private feed: nothing is sent, readers fetch it."""

    type: Literal["feed"]


class FeedLinks(TypedDict):
    """The addresses of a private feed. Treat an address like a password: anyone who has it can read the feed."""

    atom: str
    json_feed: str


class FeedbackLog(TypedDict):
    """Feedback of a subscription, newest first."""

    feedback: list[Entry]


class Feishu(TypedDict):
    """A custom bot of Feishu or Lark."""

    type: Literal["feishu"]
    template: NotRequired[str | None]
    url: str
    secret: NotRequired[str | None]


class Followed(TypedDict):
    """The last visit to a place of liked papers."""

    read_at: NotRequired[str | None]
    items: NotRequired[int]
    known: NotRequired[int]
    used: NotRequired[int]
    error: NotRequired[str | None]
    next_at: str


class Found(TypedDict):
    """A result of a search."""

    score: float | None
    paper: Paper
    duplicates: NotRequired[list[str]]
    picture: NotRequired[ShownPicture | None]
    highlights: list[Highlight]


class Health(TypedDict):
    """The health of a process."""

    status: str
    trouble: NotRequired[str | None]


class Highlight(TypedDict):
    """Words of the query in a field of a paper. The text is plain and must be escaped."""

    field: Literal["title", "abstract"]
    text: str
    marks: list[list[int]]


class Imported(TypedDict):
    """What an import did."""

    imported: int
    unknown: list[str]


class InstanceStatus(TypedDict):
    """The status of the instance."""

    papers: int
    streams: list[StreamStatus]
    sources: list[dict[str, Any]]
    providers: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    disk: NotRequired[dict[str, Any] | None]
    pictures: NotRequired[dict[str, Any] | None]
    mail: NotRequired[dict[str, Any] | None]


class KeptPaper(TypedDict):
    """A row of a list that was kept elsewhere, such as in a browser."""

    id: str
    title: NotRequired[str]
    saved_at: NotRequired[str | None]
    read_at: NotRequired[str | None]
    hidden_at: NotRequired[str | None]
    liked_at: NotRequired[str | None]
    disliked_at: NotRequired[str | None]
    tags: NotRequired[list[str]]
    note: NotRequired[str]


class LifeEvent(TypedDict):
    """An event in the history of a work after it was first seen."""

    kind: ChangeKind
    at: str
    version: NotRequired[str]
    fields: NotRequired[list[str]]


class Links(TypedDict):
    """Where to read, fetch and try a paper."""

    abs: NotRequired[str | None]
    pdf: NotRequired[str | None]
    code: NotRequired[list[CodeLink]]
    project: NotRequired[str | None]
    thumbnail: NotRequired[str | None]


class Listed(TypedDict):
    """A paper in a list."""

    score: float | None
    paper: Paper
    duplicates: NotRequired[list[str]]
    picture: NotRequired[ShownPicture | None]


class Mark(TypedDict):
    """What a reader marked a paper with."""

    saved: NotRequired[bool]
    read: NotRequired[bool]
    hidden: NotRequired[bool]
    liked: NotRequired[bool]
    disliked: NotRequired[bool]
    tags: NotRequired[list[str]]
    note: NotRequired[str]


class Matrix(TypedDict):
    """A room of Matrix, for a user who is in it."""

    type: Literal["matrix"]
    template: NotRequired[str | None]
    server: str
    room: str
    token: str


class Mattermost(TypedDict):
    """An incoming webhook of Mattermost."""

    type: Literal["mattermost"]
    template: NotRequired[str | None]
    url: str


class MinSignals(TypedDict):
    """The least counters that a paper must have; an unknown counter does not match."""

    upvotes: NotRequired[int | None]
    citations: NotRequired[int | None]
    stars: NotRequired[int | None]
    comments: NotRequired[int | None]


class Named(TypedDict):
    """An id and a title."""

    id: str
    title: str


class Near(TypedDict):
    """A paper and its score."""

    id: str
    title: str
    score: float


class NewFeedback(TypedDict):
    """Feedback: `more` and `less` of a paper, `mute` of an author."""

    kind: Kind
    paper: NotRequired[str | None]
    author: NotRequired[str | None]


class NewOperationalWebhook(TypedDict):
    """What a client sends to set the operational webhook."""

    url: str
    headers: NotRequired[dict[str, str]]


class NewSecret(TypedDict):
    """A new secret, and how long the previous one signs too."""

    secret: str
    previous_valid_seconds: NotRequired[int]


NewSubscription = TypedDict(
    "NewSubscription",
    {
        "query": "NotRequired[str | None]",
        "like": "NotRequired[list[str]]",
        "unlike": "NotRequired[list[str]]",
        "likes_from": "NotRequired[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers | None]",
        "cites": "NotRequired[OrcidWorks | ScholarPapers | OwnPapers | None]",
        "must": "NotRequired[list[str]]",
        "any": "NotRequired[list[str]]",
        "not": "NotRequired[list[str]]",
        "categories": "NotRequired[list[str]]",
        "authors": "NotRequired[list[str]]",
        "sources": "NotRequired[list[str]]",
        "min_signals": "NotRequired[MinSignals | None]",
        "has_code": "NotRequired[bool | None]",
        "papers": "NotRequired[list[str]]",
        "mute_authors": "NotRequired[list[str]]",
        "counters": "NotRequired[list[Literal['upvotes', 'citations', 'stars', 'comments']]]",
        "only_if": "NotRequired[str | None]",
        "name": "NotRequired[str | None]",
        "changes": "NotRequired[list[ChangeKind]]",
        "sensitivity": "NotRequired[float | Volume]",
        "channel": "Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed",
        "schedule": "NotRequired[Daily | Weekly | Literal['instant']]",
        "merge": "NotRequired[bool]",
        "language": "NotRequired[str | None]",
    },
)
"""What a client sends to subscribe."""


class Ntfy(TypedDict):
    """A topic of ntfy."""

    type: Literal["ntfy"]
    template: NotRequired[str | None]
    server: NotRequired[str]
    topic: str
    token: NotRequired[str | None]
    priority: NotRequired[int]


class OneSuggestion(TypedDict):
    """A title, an author, or an operator and what it does. The text is plain and must be escaped."""

    kind: Literal["paper", "author", "operator"]
    text: str
    query: str


class OperationalWebhook(TypedDict):
    """The operational webhook of an owner, and its state."""

    url: str
    state: State
    secret: NotRequired[str | None]


class OrcidWorks(TypedDict):
    """The public works of an ORCID record."""

    type: Literal["orcid"]
    id: str


class Outcome(TypedDict):
    """The result of a check: the condition, whether the paper meets it, and why, or why it was not checked."""

    condition: str
    verdict: Literal["yes", "no", "unchecked"]
    reason: str


class OwnPapers(TypedDict):
    """Papers by their ids."""

    type: Literal["papers"]
    ids: list[str]


class Paper(TypedDict):
    """A work with everything known of it, as search answers and alerts carry it."""

    id: str
    first_id: NotRequired[str | None]
    title: str
    abstract: NotRequired[str]
    title_tex: NotRequired[str | None]
    abstract_tex: NotRequired[str | None]
    authors: NotRequired[list[Author]]
    published: NotRequired[str | None]
    date_precision: NotRequired[Literal["year", "month", "day"] | None]
    date_basis: NotRequired[Literal["stated", "announced"] | None]
    updated: NotRequired[str | None]
    categories: NotRequired[list[str]]
    status: NotRequired[Literal["active", "withdrawn"]]
    identifiers: NotRequired[dict[str, str]]
    sources: NotRequired[list[SourceRef]]
    links: NotRequired[Links]
    signals: NotRequired[Signals]
    trending: NotRequired[float | None]
    keywords: NotRequired[list[str]]
    language: NotRequired[str | None]
    gist: NotRequired[str | None]
    tldr: NotRequired[Tldr | None]
    tasks: NotRequired[list[str]]
    datasets: NotRequired[list[str]]
    venue: NotRequired[str | None]
    appeared: NotRequired[Appearance | None]
    life: NotRequired[list[LifeEvent]]
    sample: NotRequired[bool]
    oddities: NotRequired[list[str]]


class PaperList(TypedDict):
    """A list of papers."""

    results: list[Listed]
    next_cursor: NotRequired[str | None]


class PaperMark(TypedDict):
    """The marks of one paper."""

    paper: str
    mark: Mark


class PaperMarks(TypedDict):
    """What to change of the marks of a paper; what is left out stays as it is."""

    saved: NotRequired[bool | None]
    read: NotRequired[bool | None]
    hidden: NotRequired[bool | None]
    liked: NotRequired[bool | None]
    disliked: NotRequired[bool | None]
    tags: NotRequired[list[str] | None]
    note: NotRequired[str | None]


class PaperMarksAnswer(TypedDict):
    """The marks of papers."""

    marks: dict[str, Mark]


class PastAlert(TypedDict):
    """An alert that was sent or kept. An alert kept for a digest or a feed is no delivery, and has no state."""

    delivery: str | None
    change: ChangeKind
    at: str
    state: DeliveryState | None
    condition: NotRequired[Outcome | None]


class Phrase(TypedDict):
    """A phrase that a result must contain."""

    phrase: str
    occurs: bool


class Preview(TypedDict):
    """The result of a preview. Signals and trends are not kept day by day: their changes are not counted, and counters are those of today."""

    days: float
    papers: int
    enough: bool
    threshold: float
    count: int
    per_week: float
    capped: bool
    alerts: list[Sent]
    thresholds: list[ThresholdStep]


PreviewRequest = TypedDict(
    "PreviewRequest",
    {
        "query": "NotRequired[str | None]",
        "like": "NotRequired[list[str]]",
        "unlike": "NotRequired[list[str]]",
        "likes_from": "NotRequired[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers | None]",
        "cites": "NotRequired[OrcidWorks | ScholarPapers | OwnPapers | None]",
        "must": "NotRequired[list[str]]",
        "any": "NotRequired[list[str]]",
        "not": "NotRequired[list[str]]",
        "categories": "NotRequired[list[str]]",
        "authors": "NotRequired[list[str]]",
        "sources": "NotRequired[list[str]]",
        "min_signals": "NotRequired[MinSignals | None]",
        "has_code": "NotRequired[bool | None]",
        "papers": "NotRequired[list[str]]",
        "mute_authors": "NotRequired[list[str]]",
        "counters": "NotRequired[list[Literal['upvotes', 'citations', 'stars', 'comments']]]",
        "only_if": "NotRequired[str | None]",
        "name": "NotRequired[str | None]",
        "changes": "NotRequired[list[ChangeKind]]",
        "sensitivity": "NotRequired[float | Volume]",
        "channel": "NotRequired[Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed | None]",
        "schedule": "NotRequired[Daily | Weekly | Literal['instant']]",
        "days": "NotRequired[int]",
        "limit": "NotRequired[int]",
    },
)
"""A subscription that does not exist yet: its channel and schedule may be left out, and have no effect."""


class Problem(TypedDict):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str


class Profile(TypedDict):
    """An author: their papers, and what these have in common. People of one name are one author here."""

    results: list[Listed]
    next_cursor: NotRequired[str | None]
    name: str
    papers: int
    years: list[Count]
    categories: list[Count]
    coauthors: list[Count]


class QueryCondition(TypedDict):
    """A condition of the query, written as in the query."""

    condition: str
    excluded: bool
    matches: bool


class Reading(TypedDict):
    """The signals of a work at one moment."""

    at: str
    signals: Signals


class ReadingCounts(TypedDict):
    """The size of a reading list."""

    states: dict[str, int]
    tags: list[TagCount]


class ReadingEntry(TypedDict):
    """A row of a reading list with its paper."""

    id: str
    title: NotRequired[str]
    added_at: str
    saved_at: NotRequired[str | None]
    read_at: NotRequired[str | None]
    hidden_at: NotRequired[str | None]
    liked_at: NotRequired[str | None]
    disliked_at: NotRequired[str | None]
    tags: NotRequired[list[str]]
    note: NotRequired[str]
    paper: NotRequired[Paper | None]


class ReadingFile(TypedDict):
    """A whole reading list, or the part of it that was asked for, the last row first."""

    papers: list[ReadingEntry]


class ReadingImport(TypedDict):
    """Rows to add to the list: marks and tags are joined with those that are there."""

    papers: list[KeptPaper]


class ReadingListPapers(TypedDict):
    """The papers that the owner of the subscription saved or liked in the reading list."""

    type: Literal["reading-list"]


class ReadingPage(TypedDict):
    """A part of a reading list, the last row first."""

    papers: list[ReadingEntry]
    next_cursor: str | None


class Recommendation(TypedDict):
    """Papers to be near to and papers to be away from, each by any of its ids."""

    positive: list[str]
    negative: NotRequired[list[str]]
    limit: NotRequired[int]


class RecommendedPaper(TypedDict):
    """A paper that is recommended."""

    score: float | None
    paper: Paper
    duplicates: NotRequired[list[str]]
    picture: NotRequired[ShownPicture | None]
    reasons: list[str]


class RecommendedPapers(TypedDict):
    """One page of recommended papers, the best first."""

    results: list[RecommendedPaper]
    next_cursor: str | None
    liked: int
    days: int | None


class Recovered(TypedDict):
    """The number of deliveries that are sent again."""

    recovered: int
    since: str


class ScholarPapers(TypedDict):
    """The papers on the page of an author at Semantic Scholar."""

    type: Literal["semantic-scholar"]
    author: str


class SearchAnswer(TypedDict):
    """One page of results."""

    query: str
    mode: Literal["hybrid", "semantic", "lexical"]
    took_ms: float
    rerank_ms: NotRequired[float | None]
    notes: NotRequired[list[str]]
    results: list[Found]
    next_cursor: str | None


class SearchExplanation(TypedDict):
    """The explanation why a search finds a paper, or does not."""

    query: str
    paper: ExplainedPaper
    verdict: str
    semantic: float | None
    words: list[Word]
    phrases: list[Phrase]
    conditions: list[QueryCondition]


class Seen(TypedDict):
    """A paper as a preview lists it."""

    id: str
    title: str
    published: str | None
    categories: list[str]


class Sent(TypedDict):
    """An alert that would have been sent."""

    at: str
    change: ChangeKind
    score: float
    reasons: NotRequired[list[str]]
    paper: Seen
    condition: NotRequired[Outcome | None]


class ShownPicture(TypedDict):
    """A small picture of a paper, which this instance serves."""

    url: str
    width: int
    height: int
    origin: Literal["huggingface", "project", "arxiv"]
    version: str


class Signals(TypedDict):
    """Counters from other services; None means unknown, which is not zero."""

    upvotes: NotRequired[int | None]
    citations: NotRequired[int | None]
    stars: NotRequired[int | None]
    comments: NotRequired[int | None]
    influential_citations: NotRequired[int | None]
    models: NotRequired[int | None]
    datasets: NotRequired[int | None]
    spaces: NotRequired[int | None]


class SimilarAnswer(TypedDict):
    """The papers most like one."""

    results: list[Listed]
    next_cursor: NotRequired[str | None]
    by: Facet | None
    notes: NotRequired[list[str]]


class Slack(TypedDict):
    """An incoming webhook of Slack."""

    type: Literal["slack"]
    template: NotRequired[str | None]
    url: str


class SourceRef(TypedDict):
    """One place where the work was seen, under the id it has there."""

    source: str
    id: str
    version: NotRequired[int | None]
    url: NotRequired[str | None]
    seen_at: NotRequired[str | None]


class State(TypedDict):
    """The status of a subscription, since when, and the reason if Paperwire set it."""

    status: NotRequired[Status]
    reason: NotRequired[str | None]
    since: str


class StreamStatus(TypedDict):
    """The backlog of one service."""

    stream: str
    group: str
    waiting: int
    pending: int
    dead: int


Subscription = TypedDict(
    "Subscription",
    {
        "query": "NotRequired[str | None]",
        "like": "NotRequired[list[str]]",
        "unlike": "NotRequired[list[str]]",
        "likes_from": "NotRequired[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers | None]",
        "cites": "NotRequired[OrcidWorks | ScholarPapers | OwnPapers | None]",
        "must": "NotRequired[list[str]]",
        "any": "NotRequired[list[str]]",
        "not": "NotRequired[list[str]]",
        "categories": "NotRequired[list[str]]",
        "authors": "NotRequired[list[str]]",
        "sources": "NotRequired[list[str]]",
        "min_signals": "NotRequired[MinSignals | None]",
        "has_code": "NotRequired[bool | None]",
        "papers": "NotRequired[list[str]]",
        "mute_authors": "NotRequired[list[str]]",
        "counters": "NotRequired[list[Literal['upvotes', 'citations', 'stars', 'comments']]]",
        "only_if": "NotRequired[str | None]",
        "name": "str",
        "changes": "NotRequired[list[ChangeKind]]",
        "sensitivity": "NotRequired[float | Volume]",
        "channel": "Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed",
        "schedule": "NotRequired[Daily | Weekly | Literal['instant']]",
        "merge": "NotRequired[bool]",
        "language": "NotRequired[str | None]",
        "id": "str",
        "state": "State",
        "created_at": "str",
        "updated_at": "str",
        "tuning": "NotRequired[Tuning | None]",
        "following": "NotRequired[Followed | None]",
        "citations": "NotRequired[CitationsRead | None]",
        "threshold": "float",
    },
)
"""A subscription as the API shows it."""


class SubscriptionExplanation(TypedDict):
    """Why a subscription matches a paper, or does not."""

    subscription: Named
    paper: Named
    verdict: str
    matches: bool
    score: float | None
    threshold: float | None
    checks: list[Check]
    nearest_liked: Near | None
    delivered: list[PastAlert]


class SubscriptionPage(TypedDict):
    """Subscriptions, oldest first."""

    subscriptions: list[Subscription]
    next_cursor: str | None


SubscriptionPatch = TypedDict(
    "SubscriptionPatch",
    {
        "query": "NotRequired[str | None]",
        "like": "NotRequired[list[str]]",
        "unlike": "NotRequired[list[str]]",
        "likes_from": "NotRequired[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers | None]",
        "cites": "NotRequired[OrcidWorks | ScholarPapers | OwnPapers | None]",
        "must": "NotRequired[list[str]]",
        "any": "NotRequired[list[str]]",
        "not": "NotRequired[list[str]]",
        "categories": "NotRequired[list[str]]",
        "authors": "NotRequired[list[str]]",
        "sources": "NotRequired[list[str]]",
        "min_signals": "NotRequired[MinSignals | None]",
        "has_code": "NotRequired[bool | None]",
        "papers": "NotRequired[list[str]]",
        "mute_authors": "NotRequired[list[str]]",
        "counters": "NotRequired[list[Literal['upvotes', 'citations', 'stars', 'comments']]]",
        "only_if": "NotRequired[str | None]",
        "name": "NotRequired[str | None]",
        "changes": "NotRequired[list[ChangeKind] | None]",
        "sensitivity": "NotRequired[float | Volume | None]",
        "channel": "NotRequired[Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed | None]",
        "schedule": "NotRequired[Daily | Weekly | Literal['instant'] | None]",
        "merge": "NotRequired[bool]",
        "language": "NotRequired[str | None]",
    },
)
"""What a client sends to change a subscription: a field left out stays, null restores the default."""


SubscriptionWithSecret = TypedDict(
    "SubscriptionWithSecret",
    {
        "query": "NotRequired[str | None]",
        "like": "NotRequired[list[str]]",
        "unlike": "NotRequired[list[str]]",
        "likes_from": "NotRequired[ReadingListPapers | ZoteroItems | OrcidWorks | ScholarPapers | None]",
        "cites": "NotRequired[OrcidWorks | ScholarPapers | OwnPapers | None]",
        "must": "NotRequired[list[str]]",
        "any": "NotRequired[list[str]]",
        "not": "NotRequired[list[str]]",
        "categories": "NotRequired[list[str]]",
        "authors": "NotRequired[list[str]]",
        "sources": "NotRequired[list[str]]",
        "min_signals": "NotRequired[MinSignals | None]",
        "has_code": "NotRequired[bool | None]",
        "papers": "NotRequired[list[str]]",
        "mute_authors": "NotRequired[list[str]]",
        "counters": "NotRequired[list[Literal['upvotes', 'citations', 'stars', 'comments']]]",
        "only_if": "NotRequired[str | None]",
        "name": "str",
        "changes": "NotRequired[list[ChangeKind]]",
        "sensitivity": "NotRequired[float | Volume]",
        "channel": "Webhook | Slack | Discord | Teams | Mattermost | Telegram | Matrix | Ntfy | Feishu | Email | Feed",
        "schedule": "NotRequired[Daily | Weekly | Literal['instant']]",
        "merge": "NotRequired[bool]",
        "language": "NotRequired[str | None]",
        "id": "str",
        "state": "State",
        "created_at": "str",
        "updated_at": "str",
        "tuning": "NotRequired[Tuning | None]",
        "following": "NotRequired[Followed | None]",
        "citations": "NotRequired[CitationsRead | None]",
        "secret": "str",
        "notes": "NotRequired[list[str]]",
        "threshold": "float",
    },
)
"""A subscription with the secret that signs its alerts, shown only once."""


class SuggestionAnswer(TypedDict):
    """The suggestions: operators, then those of the newest papers first."""

    suggestions: list[OneSuggestion]


class TagCount(TypedDict):
    """A tag and its number of papers."""

    tag: str
    count: int


class Teams(TypedDict):
    """A workflow of Microsoft Teams that posts what its webhook receives."""

    type: Literal["teams"]
    template: NotRequired[str | None]
    url: str


class Telegram(TypedDict):
    """A chat that a Telegram bot writes to."""

    type: Literal["telegram"]
    template: NotRequired[str | None]
    token: str
    chat: str
    thread: NotRequired[int | None]
    server: NotRequired[str]


class ThresholdStep(TypedDict):
    """The number of alerts at a threshold."""

    threshold: float
    count: int
    per_week: float


class Tldr(TypedDict):
    """A one-sentence summary that a provider's model wrote; `gist` is the authors' own sentence."""

    text: str
    source: str
    model: NotRequired[str | None]
    language: NotRequired[str | None]
    translations: NotRequired[dict[str, str]]
    of: NotRequired[str | None]


class Trend(TypedDict):
    """The trend of a work: `key` is the sort key, whose order does not change with time."""

    key: float
    strength: float
    field: str
    since: str
    components: NotRequired[list[Component]]


class Trending(TypedDict):
    """The trend of a paper."""

    id: str
    trend: Trend | None
    readings: list[Reading]


class Tuning(TypedDict):
    """How the threshold for a volume was found; `per_week` is how many papers it would have matched lately."""

    threshold: float
    per_week: float | None
    at: str


class Volume(TypedDict):
    """A number of alerts a week. The threshold is tuned to the last weeks of the index, and adjusted slowly."""

    per_week: float


class Webhook(TypedDict):
    """A signed POST to an address."""

    type: Literal["webhook"]
    template: NotRequired[str | None]
    url: str
    content_type: NotRequired[str]
    concurrency: NotRequired[int | None]
    headers: NotRequired[dict[str, str]]
    rate: NotRequired[float | None]


class WeekdayHour(TypedDict):
    """A day of the week and a time of that day."""

    day: Weekday
    at: str


class Weekly(TypedDict):
    """A digest every week, on a day at a time."""

    timezone: NotRequired[str]
    when_complete: NotRequired[bool]
    weekly: WeekdayHour


class Word(TypedDict):
    """A word of the query that ranks."""

    word: str
    weight: float


class ZoteroItems(TypedDict):
    """A library of Zotero, or a collection or a tag in it."""

    type: Literal["zotero"]
    library: str
    collection: NotRequired[str | None]
    tag: NotRequired[str | None]
    key: NotRequired[str | None]
