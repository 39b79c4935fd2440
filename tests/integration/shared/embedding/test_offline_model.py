"""Making, keeping and repairing the default model."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from fastembed import TextEmbedding

from shared.embedding import offline_model
from shared.embedding.embedder import DEFAULT_MODEL, EmbeddingModelError, open_embedder
from shared.embedding.offline_model import build_graph, ensure_offline_model, find_weights

ROOT = Path(__file__).parents[4]
OPEN = """
import asyncio, hashlib, pathlib, sys
from shared.embedding.embedder import DEFAULT_MODEL, open_embedder
async def main():
    embedder = await open_embedder(DEFAULT_MODEL, pathlib.Path(sys.argv[1]), report=print)
    print(hashlib.sha256((await embedder.query("one vector")).tobytes()).hexdigest())
asyncio.run(main())
"""


def ensure(cache: Path) -> tuple[Path, list[str]]:
    said: list[str] = []
    return ensure_offline_model(cache, report=said.append, progress=False), said


@pytest.fixture(scope="module")
def fp32(tmp_path_factory: pytest.TempPathFactory) -> TextEmbedding:
    made, _ = ensure(tmp_path_factory.mktemp("fp32"))
    onnx.save(build_graph(find_weights() / "model.safetensors", quantized=False), made / "model.onnx")
    return TextEmbedding(DEFAULT_MODEL, str(made.parent), specific_model_path=str(made))


def test_fp32_is_the_published_model(fp32: TextEmbedding) -> None:
    """The numbers are what sentence-transformers gives for this sentence with the model from its hub."""
    vector = next(iter(fp32.embed("This is an example sentence")))
    assert vector[:5] == pytest.approx([6.7657e-02, 6.3496e-02, 4.8713e-02, 7.9305e-02, 3.7448e-02], abs=1e-5)


def test_int8_stays_close_to_fp32(model_cache: Path, fp32: TextEmbedding, papers: list[str]) -> None:
    made, _ = ensure(model_cache)
    int8 = TextEmbedding(DEFAULT_MODEL, str(model_cache), specific_model_path=str(made))
    ours, theirs = (np.array([next(iter(model.embed(text))) for text in papers], np.float32) for model in (int8, fp32))
    assert np.einsum("ij,ij->i", ours, theirs).mean() > 0.99


def test_texts_are_cut_at_the_length_the_model_was_trained_for(fp32: TextEmbedding) -> None:
    first = next(iter(fp32.embed("word " * 254)))
    assert np.array_equal(next(iter(fp32.embed("word " * 254 + "unseen " * 100))), first)


def test_a_second_start_reuses_the_cache(tmp_path: Path) -> None:
    made, said = ensure(tmp_path)
    assert len(said) == 1
    before = {path: path.stat().st_mtime_ns for path in made.iterdir()}
    assert ensure(tmp_path) == (made, [])
    assert {path: path.stat().st_mtime_ns for path in made.iterdir()} == before


@pytest.mark.parametrize("name", ("model.onnx", "tokenizer.json", "sha256.json"))
@pytest.mark.parametrize("damage", ("cut", "gone", "garbled"))
def test_a_damaged_cache_is_rebuilt(model_cache: Path, name: str, damage: str) -> None:
    made, _ = ensure(model_cache)
    path = made / name
    good = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(good[:-100] if damage == "cut" else b"\xff" + good[1:])
    assert len(ensure(model_cache)[1]) == 1
    assert path.read_bytes() == good
    assert not list(model_cache.glob(".*"))


def test_processes_that_start_together_build_the_cache_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(tmp_path / "new")]
    starts = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [start.communicate(timeout=60)[0].splitlines() for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len({lines[-1] for lines in outputs}) == 1
    assert sum(len(lines) - 1 for lines in outputs) == 1


def test_wrong_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in package raises when imported: only its files are looked at."""
    package = tmp_path / "site" / offline_model.WEIGHTS_PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('never import me')")
    (package / "model" / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(EmbeddingModelError, match=r"model\.safetensors is not the file .* reinstall"):
        ensure(tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/model.onnx"))


def test_missing_weights_name_the_package_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline_model, "WEIGHTS_PACKAGE", "a_package_that_is_not_there")
    with pytest.raises(EmbeddingModelError, match=r"install paperwire\[embedding\], or set PAPERWIRE_EMBEDDING_MODEL"):
        ensure(tmp_path)


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(EmbeddingModelError, match=r"cannot be written to .*PAPERWIRE_DATA_DIR"):
        asyncio.run(open_embedder(DEFAULT_MODEL, blocked / "models"))
