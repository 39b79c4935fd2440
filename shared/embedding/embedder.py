"""Text to vectors on a CPU: dense for meaning, sparse for words.

A query never waits for papers: each has an onnxruntime session and a thread of its own.
"""

import asyncio
import os
import re
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import structlog
from fastembed import TextEmbedding
from loguru import logger as fastembed_logger
from numpy.typing import NDArray

from shared.embedding.hub import fetch, look_up
from shared.embedding.offline_model import EmbeddingModelError, ensure_offline_model
from shared.embedding.vectors import MAX_CHARACTERS, SparseVector, bm25_paper, bm25_query
from shared.text.sentence_ends import sentences
from shared.time_limit import uncounted

__all__ = [
    "DEFAULT_MODEL",
    "MAX_CHARACTERS",
    "Embedder",
    "EmbeddingModelError",
    "PaperVectors",
    "Parts",
    "SparseVector",
    "Text",
    "embed",
    "embed_parts",
    "endings",
    "open_embedder",
    "text_of",
]

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
RECENT_QUERIES = 1024
_SETTING = ("PAPERWIRE_EMBEDDING_MODEL", f"leave it out for {DEFAULT_MODEL}, which needs no download")
_TINY = 1e-12  # a text without one known token has length 0 in a static model
# Control characters and lone surrogates: tokenizers drop the first, gluing words together, and refuse the second.
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

ENDINGS = 2  # sentences at the end of an abstract, which mostly say what was found
LONGEST_SENTENCE = 500  # characters; what is longer is a text whose sentences cannot be told apart
_ELSEWHERE = ("://", "github", "www.")  # in a sentence that says where something is, and nothing about it

Vectors = NDArray[np.float32]
Text = tuple[str, str]  # title and abstract
Report = Callable[[str], None]
T = TypeVar("T")


class Embedder(Protocol):
    """A model that turns papers and queries into vectors."""

    model: str  # the name that a collection remembers: vectors of two models must not meet
    size: int  # dimensions of a dense vector

    async def papers(self, texts: Sequence[str]) -> Vectors:
        """Embed texts: an array (n, size) of unit-length rows in input order. Cancelling stops at the next text."""

    async def query(self, text: str) -> Vectors:
        """Embed a query: a read-only array (size,) of unit length."""

    async def sparse_papers(self, texts: Sequence[str]) -> list[SparseVector]:
        """Return the BM25 vectors of texts, in input order."""

    async def sparse_query(self, text: str) -> SparseVector:
        """Return the BM25 vector of a query."""

    async def close(self) -> None:
        """Finish the texts at work, drop the waiting ones, end the threads."""


def text_of(title: str, abstract: str) -> str:
    """Return the text of a paper that is embedded."""
    return f"{title}\n{abstract}".strip()


@dataclass(frozen=True, slots=True)
class Parts:
    """The vectors of a title, and of the last sentences of an abstract, shape (at most `ENDINGS`, size)."""

    title: Vectors
    endings: Vectors


@dataclass(frozen=True, slots=True)
class PaperVectors:
    """The dense vector of title and abstract together, the sparse one of both, and those of parts."""

    dense: Vectors
    sparse: SparseVector
    parts: Parts


def endings(abstract: str) -> list[str]:
    """Return the last sentences of an abstract that say something of its subject; none of one that has no more."""
    short = [one for one in sentences(abstract) if len(one) <= LONGEST_SENTENCE]
    telling = [one for one in short if not any(sign in one.lower() for sign in _ELSEWHERE)]
    return telling[-ENDINGS:] if len(telling) > ENDINGS else []


async def embed(embedder: Embedder, papers: Sequence[Text], *, with_endings: bool = True) -> list[PaperVectors]:
    """Return the vectors of papers, in their order."""
    texts = [text_of(*paper) for paper in papers]
    groups = [_parts(*paper, with_endings=with_endings) for paper in papers]
    found = await _vectors(embedder, chain(texts, *groups))
    rows = zip(texts, await embedder.sparse_papers(texts), groups, strict=True)
    return [PaperVectors(found[text], sparse, _stacked(found, group)) for text, sparse, group in rows]


async def embed_parts(embedder: Embedder, papers: Sequence[Text], *, with_endings: bool) -> list[Parts]:
    """Return the vectors of the parts of papers, in their order."""
    groups = [_parts(*paper, with_endings=with_endings) for paper in papers]
    found = await _vectors(embedder, chain(*groups))
    return [_stacked(found, group) for group in groups]


def _parts(title: str, abstract: str, *, with_endings: bool) -> list[str]:
    return [title, *(endings(abstract) if with_endings else ())]


async def _vectors(embedder: Embedder, texts: Iterable[str]) -> dict[str, Vectors]:
    """Embed each different text once: without an abstract, the title is all there is."""
    different = list(dict.fromkeys(texts))
    return dict(zip(different, await embedder.papers(different), strict=True)) if different else {}


def _stacked(found: Mapping[str, Vectors], group: Sequence[str]) -> Parts:
    title, *ends = (found[text] for text in group)
    return Parts(title, np.stack(ends) if ends else np.empty((0, len(title)), np.float32))


async def open_embedder(
    model: str,
    cache_dir: Path,
    *,
    threads: int | None = None,
    report: Report | None = None,
    progress: bool | None = None,
) -> Embedder:
    """Load a model by its fastembed name; the default one needs no network, others come from their hub once.

    `threads` is how many papers are embedded at once (None: one a core; a query has a thread of its own). `report`
    gets a line before anything slow (None: the log), and `progress` says whether to draw bars on stderr (None: when it
    is a terminal).

    Raises:
        EmbeddingModelError: the name is unknown, or the model can be neither found nor made nor downloaded.

    """
    report = report or _log
    progress = sys.stderr.isatty() if progress is None else progress
    return await asyncio.to_thread(_open, model, cache_dir, threads=threads, report=report, progress=progress)


class FastEmbedder:
    """An `Embedder` on one load of a fastembed model that uses the thread it is called from.

    Each text is embedded alone: there is no padding, activations stay in the cache of a processor, and a vector does
    not depend on what is embedded beside it. docs/adr/0076 has the measurements.
    """

    def __init__(self, model: str, loaded: TextEmbedding, threads: int) -> None:
        """`threads` is how many papers are embedded at once; a query has a thread of its own."""
        self.model = model
        self.size = loaded.embedding_size
        self._model = loaded
        self._paper_threads = ThreadPoolExecutor(threads, "embed-papers")
        self._sparse_thread = ThreadPoolExecutor(1, "embed-sparse")
        self._query_thread = ThreadPoolExecutor(1, "embed-query")
        self._recent: OrderedDict[str, Vectors] = OrderedDict()

    async def papers(self, texts: Sequence[str]) -> Vectors:
        rows = await asyncio.gather(*(_run(self._paper_threads, self._embed, _clean(text)) for text in texts))
        return np.stack(rows) if rows else np.empty((0, self.size), np.float32)

    async def query(self, text: str) -> Vectors:
        clean = _clean(text)
        if clean not in self._recent:
            self._recent[clean] = await _run(self._query_thread, self._embed_query, clean)
            if len(self._recent) > RECENT_QUERIES:
                self._recent.popitem(last=False)
        self._recent.move_to_end(clean)
        return self._recent[clean]

    async def sparse_papers(self, texts: Sequence[str]) -> list[SparseVector]:
        return await _run(self._sparse_thread, lambda: [bm25_paper(_clean(text)) for text in texts])

    async def sparse_query(self, text: str) -> SparseVector:
        return bm25_query(_clean(text))  # microseconds: a thread would cost more

    async def close(self) -> None:
        for thread in (self._paper_threads, self._sparse_thread, self._query_thread):
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    def _embed(self, text: str) -> Vectors:
        return _unit(self._model.passage_embed([text], batch_size=1))

    def _embed_query(self, text: str) -> Vectors:
        vector = _unit(self._model.query_embed(text))
        vector.setflags(write=False)
        return vector


async def _run(thread: Executor, work: Callable[..., T], *arguments: object) -> T:
    """Run the model; its time is bounded by the length of texts, and does not count for the limit of a handler."""
    with uncounted():
        return await asyncio.get_running_loop().run_in_executor(thread, work, *arguments)


def _clean(text: str) -> str:
    return _NOT_TEXT.sub(" ", text[:MAX_CHARACTERS])


def _unit(embeddings: Iterable[NDArray[Any]]) -> Vectors:
    """Return the one vector, scaled to length 1: not every model of fastembed does that."""
    (vector,) = embeddings
    return np.asarray(vector / max(float(np.linalg.norm(vector)), _TINY), np.float32)


def _log(line: str) -> None:
    structlog.get_logger("paperwire.embedding").info("embedding_model preparing", detail=line)


def _open(model: str, cache_dir: Path, *, threads: int | None, report: Report, progress: bool) -> FastEmbedder:
    fastembed_logger.disable("fastembed")  # it prints to stderr what we raise in one sentence
    name, repository = look_up(TextEmbedding, model, *_SETTING)
    load = partial(TextEmbedding, name, str(cache_dir), threads=1)
    if name == DEFAULT_MODEL:
        made = ensure_offline_model(cache_dir, report=report, progress=progress)
        load = partial(load, specific_model_path=str(made))
    else:
        starting = partial(report, f"Downloading the embedding model {name} into {cache_dir}")
        fetch(load, repository, starting, *_SETTING)
    return FastEmbedder(name, load(), threads or os.cpu_count() or 1)
