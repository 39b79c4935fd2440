"""How much of the bare XML library's speed is left when bulk answers of arXiv become items?

    python benchmarks/sources/parsing.py [--records 1000] [--rounds 25] [--json FILE]

The bare library reads the same bytes with `xml.etree.ElementTree.iterparse` and does nothing with what it finds. The
documents are of our own making, as long and as populated as the archive's own. Both take turns; the best round counts.
"""

import io
import random
import time
from collections.abc import Callable
from xml.etree import ElementTree as ET

from benchmarks.common import arguments, report
from services.fetcher.sources.arxiv.api_parse import read_slice
from services.fetcher.sources.arxiv.oai_parse import read_page
from shared.papers.events import Item

BAR = 0.5
WORDS = (
    "folding", "paper", "cranes", "with", "a", "robot", "arm", "that", "learns", "from", "few", "videos", "while",
    "gradients", "of", "sparse", "kernels", "bound", "the", "variance", "in", "graphs", "under", "convex", "policies",
)  # fmt: skip
Read = Callable[[bytes], list[Item]]


def words(draw: random.Random, count: int) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(count))


def people(draw: random.Random) -> list[tuple[str, str]]:
    return [(draw.choice(WORDS).title(), draw.choice(WORDS).title()) for _ in range(draw.randint(1, 8))]


def oai(count: int, raw: str, record: Callable[[random.Random, int], str]) -> bytes:
    draw = random.Random(1)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    rows = []
    for number in range(count):
        name = f"<identifier>oai:arXiv.org:2603.{number:05d}</identifier><datestamp>2026-03-04</datestamp>"
        header = f"<header>{name}<setSpec>cs:cs:RO</setSpec><setSpec>cs:cs:LG</setSpec></header>"
        fields = f'<{raw} xmlns="http://arxiv.org/OAI/{raw}/">{record(draw, number)}</{raw}>'
        rows.append(f"<record>{header}<metadata>{fields}</metadata></record>\n")
    return f"{head}{''.join(rows)}<resumptionToken>next</resumptionToken></ListRecords></OAI-PMH>".encode()


def common(draw: random.Random, number: int) -> str:
    return (
        f"<title>{words(draw, 10)}</title><categories>cs.RO cs.LG</categories>"
        f"<comments>{number % 40} pages, 5 figures</comments><doi>10.1000/crane.{number}</doi>"
        f"{'<journal-ref>J. Fold. 12 (2026) 3-14</journal-ref>' if number % 3 == 0 else ''}"
        "<license>http://creativecommons.org/licenses/by/4.0/</license>"
        f"<abstract>  {words(draw, 190)}\n</abstract>"
    )


def split_names(draw: random.Random, number: int) -> str:
    authors = "".join(
        f"<author><keyname>{last}</keyname><forenames>{first}</forenames></author>" for first, last in people(draw)
    )
    dates = "<created>2026-03-02</created><updated>2026-03-03</updated>"
    return f"<id>2603.{number:05d}</id>{dates}<authors>{authors}</authors>{common(draw, number)}"


def versions(draw: random.Random, number: int) -> str:
    dated = "".join(
        f'<version version="v{version}"><date>Mon, {version} Mar 2026 {number % 24:02d}:06:07 GMT</date>'
        "<size>921kb</size><source_type>D</source_type></version>"
        for version in range(1, draw.randint(2, 4))
    )
    names = ", ".join(f"{first} {last}" for first, last in people(draw))
    head = f"<id>2603.{number:05d}</id><submitter>{words(draw, 2)}</submitter>{dated}"
    return f"{head}<authors>{names}</authors>{common(draw, number)}"


def atom(count: int) -> bytes:
    draw = random.Random(1)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"<title>Query</title><opensearch:totalResults>{count}</opensearch:totalResults>"
    )
    rows = []
    for number in range(count):
        name = f"2603.{number:05d}v1"
        moment = f"2026-03-02T{number % 24:02d}:{number % 60:02d}:07Z"
        authors = "".join(f"<author><name>{first} {last}</name></author>" for first, last in people(draw))
        rows.append(
            f"<entry><id>http://arxiv.org/abs/{name}</id><title>{words(draw, 10)}</title><updated>{moment}</updated>"
            f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>'
            f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>'
            f"<summary>{words(draw, 190)}</summary>"
            '<category term="cs.RO" scheme="http://arxiv.org/schemas/atom"/>'
            '<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>'
            f"<published>{moment}</published><arxiv:comment>{number % 40} pages, 5 figures</arxiv:comment>"
            f"{'<arxiv:journal_ref>J. Fold. 12 (2026) 3-14</arxiv:journal_ref>' if number % 3 == 0 else ''}"
            f'<arxiv:primary_category term="cs.RO"/>{authors}</entry>\n'
        )
    return f"{head}{''.join(rows)}</feed>".encode()


def bare(body: bytes) -> None:
    for _ in ET.iterparse(io.BytesIO(body)):  # noqa: S314  # our own documents
        pass


def seconds(run: Callable[[], object]) -> float:
    """Give the seconds of CPU: who else is at work on the machine has no say in it."""
    start = time.process_time()
    run()
    return time.process_time() - start


def measured(name: str, body: bytes, read: Read, count: int, rounds: int) -> dict[str, float]:
    items = read(body)
    assert len(items) == count, f"{len(items)} of {count} records were read"
    assert all(item.authors and item.abstract and item.published for item in items), "an item lacks a part"
    library, ours = [], []
    for _ in range(rounds):
        library.append(seconds(lambda: bare(body)))
        ours.append(seconds(lambda: read(body)))
    return {
        f"{name}_mb": len(body) / 1e6,
        f"{name}_records_per_s": count / min(ours),
        f"{name}_ratio_to_bare": min(library) / min(ours),
    }


def main() -> None:
    options = arguments(__doc__ or "", records=1_000, rounds=25)
    count, rounds = options.records, options.rounds

    def page(body: bytes) -> list[Item]:
        return read_page(body).items

    figures = measured("oai_arxiv", oai(count, "arXiv", split_names), page, count, rounds)
    figures |= measured("oai_raw", oai(count, "arXivRaw", versions), page, count, rounds)
    figures |= measured("atom", atom(count), lambda body: read_slice(body).items, count, rounds)
    worst = min(value for name, value in figures.items() if name.endswith("_ratio_to_bare"))
    report({"records": count, **figures, "worst_ratio": worst}, options.json)
    assert worst >= BAR, f"bulk parsing runs at {worst:.2f} of the bare library's speed, less than {BAR}"


if __name__ == "__main__":
    main()
