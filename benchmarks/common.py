"""What the benchmarks share: the data beside the project, the small size in a temporary folder, the report."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from shared.settings import Settings

os.environ.setdefault("PAPERWIRE_PROVIDERS", "none")  # strangers are neither asked nor measured
CACHE = Path(os.environ.get("PAPERWIRE_BENCH_CACHE", "~/.cache/paperwire-bench")).expanduser()
"""Where the embedding model is kept from one benchmark to the next."""


def data(name: str) -> Path:
    """Find a data file (folder `PAPERWIRE_DATA`, else `../shared/data`); ends the benchmark with a word if missing."""
    root = Path(__file__).parent.parent
    path = Path(os.environ.get("PAPERWIRE_DATA", root.parent / "shared" / "data")) / name
    if not path.exists():
        sys.stdout.write(f"skipped: {name} is not here; set PAPERWIRE_DATA to the folder that holds it\n")
        sys.exit(0)
    return path


def arguments(description: str, **numbers: int) -> argparse.Namespace:
    """Read the command line: `--json FILE`, and the given numbers with their defaults."""
    return parser_of(description, **numbers).parse_args()


def parser_of(description: str, **numbers: int) -> argparse.ArgumentParser:
    """Make the parser of `arguments`, for a benchmark that has more of them."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="write the figures here")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser


def report(figures: dict[str, Any], path: Path | None) -> None:
    """Print the figures, and write them as JSON where that was asked."""
    for name, value in figures.items():
        sys.stdout.write(f"{name:>32}  {value:.3f}\n" if isinstance(value, float) else f"{name:>32}  {value}\n")
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


@contextlib.asynccontextmanager
async def small_size() -> AsyncIterator[Settings]:
    """Run the embedded Redis and Qdrant in a temporary folder; give the settings that reach them."""
    with tempfile.TemporaryDirectory(prefix="paperwire-bench-") as folder:
        path = Path(folder)
        async with EmbeddedRedis(path / "redis") as redis, EmbeddedQdrant(path / "qdrant") as qdrant:
            yield Settings.load(redis_url=redis.url, qdrant_url=qdrant.url, data_dir=CACHE, http_port=0)
