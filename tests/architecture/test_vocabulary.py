"""One word for one thing: no file uses a synonym that docs/glossary.md rejects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.architecture.sources import ROOT, name, tracked

GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| (?P<term>[a-z ]+) \| (?P<meaning>[A-Z].+\.) \| (?P<rejected>[a-z, ]*)\|$", re.MULTILINE)
SUFFIXES = {".py", ".md", ".html", ".j2", ".js", ".mjs", ".lua", ".toml", ".yaml"}
# Tests quote pages and foreign protocols, and the rest is generated or is the page that lists the words.
APART = re.compile(r"tests/|docs/(?:glossary\.md|openapi|asyncapi|schemas)|deploy/(?:locks|grafana)|LICENSE")


@dataclass(frozen=True, slots=True)
class Other:
    """Another meaning of a rejected word: in files whose path `where` matches, in lines that `line` matches."""

    words: str
    where: str
    line: str
    reason: str


OTHERS = (
    Other("message", r"", r"message( [+]?=|[),}]| from|: str)|(the|a) message|error\.message", "the text of an error"),
    Other(
        "message",
        r"services/notifier/|services/cli/commands/(bounce|mail)|docs/|README|CHANGELOG|CONTRIBUTING",
        r"",
        "mail and chats",
    ),
    Other("message", r"benchmarks/(digests|deliveries|webhooks|pages)", r"", "mail and chats"),
    Other("message", r"shared/llm/", r"", "what is sent to a language model, by the name of its protocol"),
    Other("message", r"services/cli/agents/plain_server|search/test_agents", r"", "what JSON-RPC sends, by its name"),
    Other("message", r"shared/bus/", r"", "names of FastStream and redis-py"),
    Other("message", r"shared/connections\.py", r"self\._messages", "a name of aiohttp"),
    Other("message", r"shared/http/serving|unit/shared/http/test_serving", r"RawRequestMessage", "a name of aiohttp"),
    Other("message", r"services/|benchmarks/providers", r'"messages?"', "fields of what sources and providers answer"),
    Other("message", r"services/fetcher/sources/biorxiv/", r"", "a field of bioRxiv's answers"),
    Other("message", r"examples/receiver\.py", r"", "names of Python's own modules"),
    Other("notification", r"", r"delivery status notifications?", "reports of mail servers (RFC 3464)"),
    Other("article", r"\.html$|\.js$", r"", "the HTML element"),
    Other("article", r"shared/export/(citation|zotero_rdf)\.py", r"", "a type of BibTeX, CSL and Zotero"),
    Other("article", r"fetcher/sources/feeds/boilerplate\.toml", r"", "a word of publishers"),
    Other("article", r"services/(enricher/text|search/similar)/", r"", "a word of abstracts"),
    Other("article", r"shared/papers/(withdrawal|titles|rubrics|publication)", r"", "a word of titles"),
    Other(
        "article", r"shared/papers/doi_addresses|shared/papers/test_spellings", r"", "a part of publishers' addresses"
    ),
    Other(
        "topic",
        r"services/notifier/channels/ntfy\.py|docs/channels\.md|paperwire/client/schemas\.py",
        r"",
        "where ntfy publishes",
    ),
    Other("topic", r"", r"\b(one|on|the|no|related) topics?\b|topics topological", "what papers are about"),
    Other("queue", r"docs/adr/0025|docs/adr/0011|examples/", r"", "owners, requests and events in a row"),
    Other("queue", r"", r"asyncio\.Queue|queue up", "Python's own queues, and clients in a row"),
    Other("job", r"", r"n_jobs", "an option of openTSNE"),
)


def glossary() -> dict[str, str]:
    """Return the rejected words and the term that is used instead."""
    rows = ROW.finditer(GLOSSARY.read_text("utf-8"))
    return {word.strip(): row["term"] for row in rows for word in row["rejected"].split(",") if word.strip()}


def texts() -> Iterator[tuple[str, int, str]]:
    """Yield the lines to check, with the file and the number of each."""
    for path in tracked():
        file = name(path)
        if (path.suffix in SUFFIXES or path.name == "Dockerfile") and not APART.match(file):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield file, number, line


def used(word: str, line: str) -> bool:
    """Return whether a line has a word: alone, in the plural, or as a part of an identifier."""
    return bool(re.search(rf"(?<![a-z]){word}(?:s|es)?(?![a-z])|{word.title()}(?:s|es)?(?![a-z])", line))


def has_another_meaning(word: str, file: str, line: str) -> bool:
    return any(word == other.words and re.search(other.where, file) and re.search(other.line, line) for other in OTHERS)


@pytest.mark.parametrize(("word", "term"), glossary().items())
def test_a_rejected_synonym_is_not_used(word: str, term: str) -> None:
    found = [
        f"{file}:{number}: {line.strip()[:100]}"
        for file, number, line in texts()
        if used(word, line) and not has_another_meaning(word, file, line)
    ]
    assert found == [], f"write {term!r} instead of {word!r}, or add the other meaning to OTHERS with its reason"


def test_every_row_of_the_glossary_has_a_term_and_one_sentence() -> None:
    rows = [line for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ") and "---" not in line]
    terms = [row for row in rows if not row.startswith("| term ")]
    assert [row for row in terms if not ROW.fullmatch(row)] == []
    assert len(terms) >= 40


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: f"{other.words}-{other.reason}")
def test_every_exception_is_still_needed(other: Other) -> None:
    assert any(
        used(other.words, line) and re.search(other.where, file) and re.search(other.line, line)
        for file, _, line in texts()
    ), "no line needs this exception any more: remove it"
