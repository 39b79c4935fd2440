"""arXiv on a loopback address: its feeds, its API and its OAI-PMH, answering as a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from aiohttp import web

from services.fetcher.http.polite import Allowance, Budgets, Polite
from shared.bus import open_redis
from shared.outbound import outbound_session
from tests.integration.fetcher.support import HERE, serving

OAI = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{}</OAI-PMH>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom"><title>Query</title>'
    "<opensearch:totalResults>{}</opensearch:totalResults>{}</feed>"
)
RSS = (
    '<?xml version="1.0"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" version="2.0"><channel>'
    "<title>{} updates on arXiv.org</title><lastBuildDate>{}</lastBuildDate><pubDate>{}</pubDate>{}</channel></rss>"
)
MAIL = "%a, %d %b %Y %H:%M:%S"
Answer = web.StreamResponse | bytes | str


@dataclass(frozen=True)
class Record:
    """A paper of the archive's."""

    number: int
    categories: tuple[str, ...] = ("cs.AI",)
    kind: str = "new"
    version: int = 1
    submitted: datetime = datetime(2026, 3, 3, 9, 0)  # noqa: DTZ001  # written out with its zone
    month: str = "2603"
    deleted: bool = False

    @property
    def id(self) -> str:
        return f"{self.month}.{self.number:05d}"

    @property
    def title(self) -> str:
        return f"Paper cranes, part {self.number}"

    def rss(self) -> str:
        tags = "".join(f"<category>{name}</category>" for name in self.categories)
        text = f"arXiv:{self.id}v{self.version} Announce Type: {self.kind} \nAbstract: Folded {self.number} times."
        return (
            f"<item><title>{self.title}</title><link>https://arxiv.org/abs/{self.id}</link>"
            f"<description>{text}</description><guid>oai:arXiv.org:{self.id}v{self.version}</guid>{tags}"
            f"<arxiv:announce_type>{self.kind}</arxiv:announce_type></item>"
        )

    def oai(self) -> str:
        if self.deleted:
            name = f"oai:arXiv.org:{self.id}"
            return f'<record><header status="deleted"><identifier>{name}</identifier></header></record>'
        dates = "".join(
            f'<version version="v{number}"><date>{self.submitted:{MAIL}} GMT</date></version>'
            for number in range(1, self.version + 1)
        )
        fields = (
            f"<id>{self.id}</id>{dates}<title>{self.title}</title><authors>Ada Origami and Bo Fold</authors>"
            f"<categories>{' '.join(self.categories)}</categories><abstract>Folded {self.number} times.</abstract>"
        )
        raw = f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">{fields}</arXivRaw>'
        return f"<record><header><identifier>x</identifier></header><metadata>{raw}</metadata></record>"

    def atom(self) -> str:
        tags = "".join(f'<category term="{name}"/>' for name in self.categories)
        moment = f"{self.submitted:%Y-%m-%dT%H:%M:%SZ}"
        return (
            f"<entry><id>http://arxiv.org/abs/{self.id}v{self.version}</id><title>{self.title}</title>"
            f"<updated>{moment}</updated><published>{moment}</published><summary>Folded.</summary>{tags}</entry>"
        )


def records(numbers: Sequence[int], **fields: object) -> list[Record]:
    """Make papers that differ in their numbers."""
    return [replace(Record(number), **fields) for number in numbers]  # type: ignore[arg-type]  # as the test says


def feed(day: date, papers: Sequence[Record], built: datetime | None = None) -> str:
    """Write the feed of a day."""
    made = built or datetime(day.year, day.month, day.day, 5)  # noqa: DTZ001  # written out with its zone
    return RSS.format(
        "cs.AI", f"{made:{MAIL}} +0000", f"{day:%a, %d %b %Y} 00:00:00 -0500", "".join(p.rss() for p in papers)
    )


def listing(papers: Sequence[Record], token: str = "") -> str:
    """Write an answer of ListRecords."""
    if not papers:
        return failure("noRecordsMatch")
    rest = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return OAI.format(f"<ListRecords>{''.join(paper.oai() for paper in papers)}{rest}</ListRecords>")


def failure(code: str) -> str:
    """Write an error of OAI-PMH."""
    return OAI.format(f'<error code="{code}">so it is</error>')


def slice_of(papers: Sequence[Record], total: int | None = None) -> str:
    """Write an answer of the API."""
    return ATOM.format(len(papers) if total is None else total, "".join(paper.atom() for paper in papers))


def _silent(_query: Mapping[str, str]) -> Answer:
    return web.Response(status=503)


@dataclass
class Archive:
    """What each interface answers, and what it was asked."""

    base: str = ""
    rss: Callable[[Mapping[str, str]], Answer] = _silent
    oai: Callable[[Mapping[str, str]], Answer] = _silent
    api: Callable[[Mapping[str, str]], Answer] = _silent
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        part = request.path.split("/")[1]
        self.asked.append((part, dict(request.query)))
        answer = {"rss": self.rss, "oai": self.oai, "api": self.api}[part](request.query)
        if isinstance(answer, web.StreamResponse):
            return answer
        body = answer.encode() if isinstance(answer, str) else answer
        tag = f'"{hash(body)}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": tag} if part == "rss" else {})

    def count(self, part: str) -> int:
        """Count the requests to an interface."""
        return sum(name == part for name, _ in self.asked)


@asynccontextmanager
async def archive(redis_url: str) -> AsyncIterator[tuple[Archive, Polite]]:
    """Run an archive, and a client that reaches it."""
    served = Archive()
    redis = open_redis(redis_url)
    async with (
        serving(served.handle) as url,
        outbound_session(HERE, "Paperwire/test (+https://x.example)", total=10.0) as session,
    ):
        served.base = url.rpartition("/")[0]
        budgets = Budgets(redis, Allowance("here", interval=0.0, places=1), sleep=_no_sleep)
        yield served, Polite(session, redis, budgets, max_body=10_000_000)
    await redis.aclose()


async def _no_sleep(_seconds: float) -> None:
    await asyncio.sleep(0)


class Clock:
    """Time, moved by hand."""

    def __init__(self, moment: str) -> None:
        self.now = datetime.fromisoformat(moment)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        self.now += timedelta(**amount)
