"""The real model, made once a session."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder

PAPERS = [
    "Attention Is All You Need\nWe propose an architecture based solely on attention, without recurrence.",
    "Deep residual learning for image recognition\nResidual networks are easier to optimize and gain from depth.",
    "Quantum supremacy using a programmable processor\nA processor of 53 qubits samples a random circuit.",
    "Observation of gravitational waves from a binary black hole merger\nTwo detectors saw a transient signal.",
    "Highly accurate protein structure prediction\nA neural network predicts structures at atomic accuracy.",
    "Batch normalization\nTraining speeds up when the inputs of each layer are normalized over a mini-batch.",
    "Dropout",
    "Generative adversarial nets\nTwo models are trained at once: one generates, one tells real from generated. " * 12,
    "A survey of graph neural networks\nGraphs carry relations between elements. We review methods by task.",
    "Mastering the game of Go without human knowledge\nAn agent learns by playing against itself.",
]


@pytest.fixture(scope="session")
def papers() -> list[str]:
    return PAPERS


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def embedder(model_cache: Path) -> Iterator[Embedder]:
    opened = asyncio.run(open_embedder(DEFAULT_MODEL, model_cache))
    yield opened
    asyncio.run(opened.close())
