"""What do the models that fastembed knows cost by CPU time, relative to the default?

    python benchmarks/models/model_costs.py [--papers N] [--json FILE]

The time of a model follows from its shape, and not from its weights: each is written with random ones, as int8 and as
fp32, with the tokenizer of the default model. Files from fastembed's hub are fp32 or fp16, which costs about as much
here. All models get the same papers in turn, on one thread; a figure is the median of the ratios to the default, which
a busy machine changes little. A static model, a table of token vectors, has random ones as well.
"""

import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import onnx
from fastembed import TextEmbedding
from numpy.typing import NDArray
from safetensors.numpy import save_file

from benchmarks.common import arguments, data, report
from benchmarks.embedding import read_texts
from shared.embedding.offline_model import MAX_TOKENS, encoder_graph, find_weights

CHUNK: Final = 8
VOCABULARY: Final = 30_522
DEFAULT: Final = "all-MiniLM-L6-v2 int8"
_TOKENIZER: Final = ("config.json", "special_tokens_map.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Shape:
    """A BERT encoder: layers, dimensions, heads and the most tokens. `name` is one of fastembed, to run it by."""

    name: str
    layers: int
    size: int
    heads: int
    tokens: int = 512


SHAPES: Final = {
    "all-MiniLM-L6-v2": Shape("sentence-transformers/all-MiniLM-L6-v2", 6, 384, 12, MAX_TOKENS),
    "snowflake-arctic-embed-xs": Shape("snowflake/snowflake-arctic-embed-xs", 6, 384, 12),
    "bge-small-en-v1.5": Shape("BAAI/bge-small-en-v1.5", 12, 384, 12),
    "snowflake-arctic-embed-s": Shape("snowflake/snowflake-arctic-embed-s", 12, 384, 12),
    "multilingual MiniLM": Shape("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", 12, 384, 12, 128),
    "gte-base": Shape("thenlper/gte-base", 12, 768, 12),
}
STATIC: Final = {"potion-base-8M": ("minishlab/potion-base-8M", 256)}


def random_weights(shape: Shape) -> dict[str, NDArray[Any]]:
    """Return tensors with the names and shapes of BERT's, small so that nothing overflows."""
    draw = np.random.default_rng(7)
    size, wide = shape.size, 4 * shape.size
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (VOCABULARY, size),
        "embeddings.position_embeddings.weight": (512, size),
        "embeddings.token_type_embeddings.weight": (2, size),
        "embeddings.LayerNorm.weight": (size,),
        "embeddings.LayerNorm.bias": (size,),
    }
    for layer in range(shape.layers):
        at = f"encoder.layer.{layer}"
        matrices = {f"attention.self.{part}": (size, size) for part in ("query", "key", "value")}
        matrices |= {"attention.output.dense": (size, size), "intermediate.dense": (wide, size)}
        matrices |= {"output.dense": (size, wide)}
        for name, form in matrices.items():
            shapes |= {f"{at}.{name}.weight": form, f"{at}.{name}.bias": form[:1]}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"{at}.{name}.weight": (size,), f"{at}.{name}.bias": (size,)}
    return {name: (draw.standard_normal(form) * 0.02).astype(np.float32) for name, form in shapes.items()}


def described(name: str) -> str:
    """Return the file that fastembed loads a model from."""
    (file,) = [each["model_file"] for each in TextEmbedding.list_supported_models() if each["model"] == name]
    return str(file)


def encoder(shape: Shape, folder: Path, *, quantized: bool) -> TextEmbedding:
    """Write a model with random weights, and load it on one thread."""
    folder.mkdir()
    source = find_weights()
    for name in _TOKENIZER:
        shutil.copyfile(source / name, folder / name)
    settings = json.loads((source / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"model_max_length": shape.tokens}))
    file = folder / described(shape.name)
    file.parent.mkdir(exist_ok=True)
    weights = random_weights(shape)
    onnx.save(encoder_graph(weights, layers=shape.layers, heads=shape.heads, quantized=quantized), file)
    return TextEmbedding(shape.name, str(folder), specific_model_path=str(folder), threads=1)


def static(name: str, size: int, folder: Path) -> TextEmbedding:
    """Write a table of random token vectors, and load it."""
    folder.mkdir()
    shutil.copyfile(find_weights() / "tokenizer.json", folder / "tokenizer.json")
    rows = np.random.default_rng(7).standard_normal((VOCABULARY, size)).astype(np.float32)
    save_file({"embeddings": rows}, folder / described(name))
    return TextEmbedding(name, str(folder), specific_model_path=str(folder))


def models(scratch: Path) -> dict[str, TextEmbedding]:
    """Return all models by the name of their figures."""
    loaded = {
        f"{name} {kind}": encoder(shape, scratch / f"{name}-{kind}", quantized=kind == "int8")
        for name, shape in SHAPES.items()
        for kind in ("int8", "fp32")
    }
    return loaded | {name: static(of, size, scratch / name) for name, (of, size) in STATIC.items()}


def measure(loaded: dict[str, TextEmbedding], texts: list[str]) -> dict[str, float]:
    """Return milliseconds of CPU a paper of the default, and the cost of each model relative to it."""
    seconds: dict[str, list[float]] = {name: [] for name in loaded}
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        for name, model in loaded.items():
            started = time.process_time()
            list(model.passage_embed(chunk, batch_size=1))  # as the embedder does
            seconds[name].append(time.process_time() - started)
    base = seconds[DEFAULT]
    figures = {"ms_a_paper_of_the_default": 1e3 * median(base) / CHUNK}
    return figures | {
        name: median(mine / theirs for mine, theirs in zip(times, base, strict=True)) for name, times in seconds.items()
    }


def main() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=160)
    texts = read_texts(data("arxiv-5k.jsonl.gz"), given.papers + CHUNK)
    with tempfile.TemporaryDirectory() as scratch:
        loaded = models(Path(scratch))
        measure(loaded, texts[:CHUNK])  # what is loaded at the first use
        report(measure(loaded, texts[CHUNK:]), given.json)


if __name__ == "__main__":
    main()
