"""Models other than the default: found in the cache, or one clear sentence, never minutes of silence."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shared.embedding.embedder import Embedder, EmbeddingModelError, open_embedder
from shared.embedding.offline_model import CACHE_NAME

ROOT = Path(__file__).parents[4]
BGE = "BAAI/bge-small-en-v1.5"
OPEN = f"""
import asyncio, pathlib, sys
from shared.embedding.embedder import EmbeddingModelError, open_embedder
async def main():
    embedder = await open_embedder("{BGE.lower()}", pathlib.Path(sys.argv[1]), report=lambda line: None)
    print(embedder.model, embedder.size, (await embedder.papers(["a", "b"])).shape)
try:
    asyncio.run(main())
except EmbeddingModelError as error:
    sys.exit(str(error))
"""


def open_without_hub(cache: Path) -> subprocess.CompletedProcess[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        environment = os.environ | {"HF_ENDPOINT": f"http://127.0.0.1:{unused.getsockname()[1]}"}
        command = [sys.executable, "-c", OPEN, str(cache)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False
        )


def test_an_unknown_model_name_suggests_a_similar_one(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r'is "BAAI/bge-smal-en", .*"BAAI/bge-small-en"'):
        asyncio.run(open_embedder("BAAI/bge-smal-en", tmp_path))


def test_an_unreachable_hub_fails_at_once_with_one_line(tmp_path: Path) -> None:
    done = open_without_hub(tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "PAPERWIRE_EMBEDDING_MODEL" in done.stderr
    assert "huggingface.co" in done.stderr


def test_a_cached_model_needs_no_hub(tmp_path: Path, model_cache: Path, embedder: Embedder) -> None:
    """The files of the default model stand in for those of the other, in the hub's cache layout."""
    hub = tmp_path / "models--Qdrant--bge-small-en-v1.5-onnx-Q"
    snapshot = hub / "snapshots" / "0123"
    shutil.copytree(model_cache / CACHE_NAME, snapshot)
    (snapshot / "model.onnx").rename(snapshot / "model_optimized.onnx")
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text("0123")
    done = open_without_hub(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(" ", 2) == [BGE, str(embedder.size), "(2, 384)\n"]


def test_a_model_name_ignores_case(model_cache: Path, embedder: Embedder) -> None:
    async def vector() -> np.ndarray:
        other = await open_embedder(embedder.model.upper(), model_cache)
        assert other.model == embedder.model
        try:
            return await other.query("case")
        finally:
            await other.close()

    assert np.array_equal(asyncio.run(vector()), asyncio.run(embedder.query("case")))
