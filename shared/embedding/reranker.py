"""A cross-encoder: a model that reads a query and a text together, and scores how well the text answers."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from fastembed.rerank.cross_encoder import TextCrossEncoder
from loguru import logger as fastembed_logger

from shared.embedding.hub import fetch, look_up

MAX_CHARACTERS: Final = 4_000
"""What follows in a text is not read: such models read 512 tokens."""
_SETTING: Final = ("PAPERWIRE_RERANKER", "leave it out to search without one")


class Reranker:
    """A loaded cross-encoder, on a thread of its own."""

    def __init__(self, model: str, loaded: TextCrossEncoder) -> None:
        self.model = model
        self._loaded = loaded
        self._thread = ThreadPoolExecutor(1, "rerank")

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, the higher the better; their scale is that of the model."""
        pairs = [(query[:MAX_CHARACTERS], text[:MAX_CHARACTERS]) for text in texts]
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._score, pairs)

    async def close(self) -> None:
        """Finish the text at work, drop the waiting ones, end the thread."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    def _score(self, pairs: list[tuple[str, str]]) -> list[float]:
        return [float(score) for score in self._loaded.rerank_pairs(pairs, batch_size=1)]


async def open_reranker(model: str, cache_dir: Path) -> Reranker:
    """Load a cross-encoder by its fastembed name, from its hub when it is not in the cache.

    Raises:
        EmbeddingModelError: the name is unknown, or the model can be neither found nor downloaded.

    """
    return await asyncio.to_thread(_open, model, cache_dir)


def _open(model: str, cache_dir: Path) -> Reranker:
    fastembed_logger.disable("fastembed")  # it prints to stderr what we raise in one sentence
    name, repository = look_up(TextCrossEncoder, model, *_SETTING)
    load = partial(TextCrossEncoder, name, str(cache_dir))
    detail = f"Downloading the re-ranking model {name} into {cache_dir}"
    starting = partial(structlog.get_logger("paperwire.embedding").info, "reranker preparing", detail=detail)
    fetch(load, repository, starting, *_SETTING)
    return Reranker(name, load())
