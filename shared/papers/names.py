"""Spellings of the ids of papers, and the points of works. Pure; the rules of publishers are read once."""

import re
import tomllib
import uuid
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from shared.papers.bounds import MAX_ID

Rules = list[tuple[re.Pattern[str], str]]
"""Patterns of paths, and how a DOI is made of what each finds."""
POINT_NAMESPACE = uuid.UUID("5f0d6b2e-7f53-5c0c-9a43-0d2f4d1c7e11")
BUCKETS: Final = 1_024
"""A bucket holds the works of a range of point ids, so that its points are one range of the index too."""
_DIGITS: Final = 4
"""The hexadecimal digits of a point id that are read."""
_WIDTH: Final = 16**_DIGITS // BUCKETS

# The month keeps other numbers out, the names of the archives other addresses: `blog/1234567` is no paper.
_ARXIV_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
).replace(" ", "|")
_ARXIV_OLD = rf"(?:{_ARCHIVES})(?:\.[a-z]{{2}}|\.[a-z-]{{4,}})?/\d{{7}}"
_ARXIV = re.compile(
    rf"^(?:(?:https?://)?(?:(?:[\w-]+\.)*(?:arxiv\.org|xxx\.lanl\.gov)/(?:abs|pdf|html|format|e-print|src|ps)"
    rf"|(?:www\.)?huggingface\.co/papers|(?:www\.)?(?:scirate\.com|semanticscholar\.org)/arxiv"
    rf"|(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview)|(?:www\.)?ar5iv\.org/(?:abs|html|pdf))/(?:arxiv:)?"
    rf"|oai:arxiv\.org:|(?:arxiv preprint )?arxiv[:\s]\s*)?"
    rf"({_ARXIV_NEW}|{_ARXIV_OLD})(?:v(\d{{1,3}}))?(?:\.pdf)?/?"
    # As copied from the margin of a page: arXiv:2603.00031v3 [cs.LG] 1 Mar 2026
    rf"(?:[?#]\S*|(?:\s{{0,9}}[\[(][\w.-]{{1,30}}[\])])?(?:\s{{1,9}}\d{{1,2}}\s{{1,9}}[a-z]{{3,9}}\s{{1,9}}\d{{4}})?)"
    r"[.,;]?$",
    re.IGNORECASE,
)
# Libraries put a proxy of theirs behind the name of the resolver: doi-org.proxy.example.
_DOI_BEFORE = (
    r"(?:(?:https?://)?(?:(?:(?:dx|www)\.)?doi\.org|(?:dx-)?doi-org(?:\.[\w-]{1,60}){1,6})[/:]"
    r"|(?:urn:|info:)?doi(?:[:/=]\s*|\s+)){0,3}"
)
_DOI = re.compile(rf"^{_DOI_BEFORE}(10\.\d{{4,9}}/\S+)$", re.IGNORECASE)
# What follows a DOI in its address: ?utm_source=x, #section. A DOI itself may end in a bare #.
_AFTER = re.compile(r"(https?://[^/\s]{1,200}/[^?#]*?)/?(?:\?[\w-]{1,60}=\S*|#\w\S*)?", re.IGNORECASE)
_RESOLVER = re.compile(r"https?://(?:(?:dx|www)\.)?doi\.org/", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_AROUND = re.compile(r"""[(\[<{"'“‘«](.*)[)\]>}"'”’»][.,;]?""", re.DOTALL)
_ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
# A page of bioRxiv or medRxiv, or a DOI with the version that only their addresses have.
_BIORXIV = re.compile(
    rf"^(?:https?://(?:[\w-]+\.)?(?:bio|med)rxiv\.org/content/|{_DOI_BEFORE})"
    r"(10\.(?:1101|64898)/(?:\d{4}\.\d{2}\.\d{2}\.)?\d{6,8})(?:v\d{1,3})?(?:(?:\.full|\.abstract|\.supplementary-material|[?#])\S*)?$",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://([\w.-]{1,200})(?::\d{1,5})?(/\S*)", re.IGNORECASE)
# What publishers add to a DOI for the forms of a paper.
_FORM: Final = re.compile(
    r"(?:/(?:full|fulltext|abstract|abs|pdf|epdf|epub|meta|ampdf|html|figures|references|summary)"
    r"|\.(?:pdf|full|full-text|html|abstract|short))/?$",
    re.IGNORECASE,
)
_FORMS: Final = 2
"""What is added at most, such as `.full.pdf`."""
_VERSION: Final = re.compile(r"(?<=\d)v\d{1,3}$")
_RXIV: Final = ("10.1101/", "10.64898/")
_OPENREVIEW = re.compile(
    r"^(?:https?://(?:www\.|api2?\.)?openreview\.net/(?:forum|pdf|notes)\?(\S+)|openreview:([\w-]{1,100}))$",
    re.ASCII | re.IGNORECASE,
)
_FORUM = re.compile(r"(?:^|&)id=([\w-]{1,100})(?=[&#]|$)", re.ASCII | re.IGNORECASE)
_ARXIV_DOI = re.compile(rf"^10\.48550/arxiv\.({_ARXIV_NEW}|{_ARXIV_OLD})(?:v(\d{{1,3}}))?$", re.IGNORECASE)


def _load_rules() -> dict[str, Rules]:
    found: defaultdict[str, Rules] = defaultdict(list)
    for row in tomllib.loads(Path(__file__).with_name("doi_addresses.toml").read_text(encoding="utf-8"))["address"]:
        for host in row["hosts"]:
            found[host].append((re.compile(row["path"], re.IGNORECASE), row["doi"]))
    return dict(found)


_RULES: Final = _load_rules()


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """Read an arXiv id in any of its spellings (URL, OAI, DOI, bare) as (id without version, version)."""
    if len(text) > MAX_ID:
        return None
    text = _bare(text)
    match = _ARXIV.match(text)
    if match is None and (doi := _DOI.match(_decoded(text))):
        match = _ARXIV_DOI.match(doi[1])
    if match is None:
        return None
    archive, slash, number = match[1].lower().rpartition("/")  # `math.GT/0309136` and `math/0309136` are one paper
    return archive.partition(".")[0] + slash + number, int(match[2]) if match[2] else None


def doi(text: str) -> str | None:
    """Read a DOI in any of its spellings, in lower case as DOIs compare; arXiv's own DOIs are arXiv ids instead.

    The addresses of publishers' pages are spellings too, where the DOI follows from them.
    """
    if len(text) > MAX_ID:
        return None
    text = _bare(text)
    if _RESOLVER.match(text) and (address := _AFTER.fullmatch(text)):
        text = address[1]
    text = _decoded(text)
    match = (_BIORXIV.match(text) or _DOI.match(text)) if "10." in text else None
    name = match[1] if match else doi_in_address(text)
    if name is None or _ARXIV_DOI.match(name):
        return None
    return without_closing(name, ".,;").lower()


def _bare(text: str) -> str:
    """Return a text without characters that nobody sees, and without the brackets or quotation marks around it."""
    text = (text if text.isascii() else _INVISIBLE.sub("", text)).strip()
    around = _AROUND.fullmatch(text)
    return around[1].strip() if around else text


def _decoded(text: str) -> str:
    """Return a DOI or an address without percent-encoding."""
    return unquote(text) if _ENCODED.search(text) else text


def doi_in_address(address: str) -> str | None:
    """Return the DOI that the address of a publisher's page tells, in lower case, or None."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None or not (rules := _rules(parts[1].lower())):
        return None
    path = unquote(parts[2])
    found = next((made.format(match[1]) for rule, made in rules if (match := rule.search(path))), None)
    if found is None:
        return None
    for _ in range(_FORMS):
        found = _FORM.sub("", found)
    name = found.lower()
    return _VERSION.sub("", name) if name.startswith(_RXIV) else name


def _rules(host: str) -> Rules:
    """Return the rules of a host, or of the host that it is below."""
    while host and host not in _RULES:
        host = host.partition(".")[2]
    return _RULES.get(host, [])


def without_closing(text: str, punctuation: str) -> str:
    """Drop the punctuation after an address or a DOI in prose, and parentheses that close what stands around it."""
    text = text.rstrip(punctuation)
    open_ended = text.count(")") - text.count("(")
    while open_ended > 0 and text.endswith(")"):
        text = text[:-1].rstrip(punctuation)
        open_ended -= 1
    return text


def openreview_id(text: str) -> str | None:
    """Read the id of an OpenReview forum, from its address or as `openreview:<id>`."""
    match = _OPENREVIEW.match(text.strip()) if len(text) <= MAX_ID else None
    if match is None:
        return None
    found = [match[2]] if match[2] else _FORUM.findall(match[1])
    return found[-1] if found else None


def canonical_id(text: str) -> str:
    """Return the canonical id: `arXiv:<id>` without version, `doi:<doi>`, `openreview:<forum>`, or the text itself."""
    if found := arxiv_id(text):
        return f"arXiv:{found[0]}"
    if name := doi(text):
        return f"doi:{name}"
    if forum := openreview_id(text):
        return f"openreview:{forum}"
    return text.strip()


def is_paper_id(text: str) -> bool:
    """Return whether a text is an arXiv id or a DOI."""
    return arxiv_id(text) is not None or doi(text) is not None


def is_archive_id(canonical: str) -> bool:
    """Return whether a canonical id is of one paper wherever it stands: of arXiv, of OpenReview, or a DOI."""
    return canonical.startswith(("arXiv:", "doi:", "openreview:"))


def provider_name(id_: str) -> str:
    """Return the display name of a provider: `semantic-scholar` is Semantic Scholar."""
    return id_.replace("-", " ").title()


def point_id(work_id: str) -> str:
    """Return the Qdrant point id of a work: uuid5 of its id, so that writing twice has the effect of writing once."""
    return str(uuid.uuid5(POINT_NAMESPACE, work_id))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A work that has a record, and the revision of the record."""

    work: str
    revision: int


def bucket_of(work: str) -> int:
    """Return the bucket of a work."""
    return int(point_id(work)[:_DIGITS], 16) // _WIDTH


def first_point(bucket: int) -> str | None:
    """Return the lowest id that a point of a bucket can have; None after the last bucket."""
    return f"{bucket * _WIDTH:0{_DIGITS}x}0000-0000-0000-0000-000000000000" if bucket < BUCKETS else None


def check_id(text: str) -> str:
    """Return an id. A longer one is refused, not cut: a part of it could be the id of something else.

    Raises:
        ValueError: it is too long.

    """
    if len(text) > MAX_ID:
        message = f"the id has {len(text):,} characters; {MAX_ID} is the most"
        raise ValueError(message)
    return text
