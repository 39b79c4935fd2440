"""A second embedding model that fastembed loads without a hub: the static one of its list, with vectors of our own."""

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from shared.embedding.offline_model import find_weights

NAME = "minishlab/potion-base-8M"
SIZE = 256


def write_static_model(cache: Path) -> None:
    """Write it where the hub's library would: a vector a token, so that texts which share words are near."""
    hub = cache / "models--minishlab--potion-base-8M"
    snapshot = hub / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    source = find_weights() / "tokenizer.json"
    shutil.copyfile(source, snapshot / "tokenizer.json")
    tokens = len(json.loads(source.read_text())["model"]["vocab"])
    rows = np.random.default_rng(1).standard_normal((tokens, SIZE)).astype(np.float32)
    save_file({"embeddings": rows}, snapshot / "model.safetensors")
    (snapshot / "config.json").write_text("{}")
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text("0123")
