"""Dense vectors as text, as events carry them."""

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def pack_vector(vector: NDArray[np.float32] | Sequence[float]) -> str:
    """Write a vector, shape (size,), as base64 of little-endian float32."""
    return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode("ascii")


def unpack_vector(text: str) -> NDArray[np.float32]:
    """Read what `pack_vector` wrote, shape (size,)."""
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def sketch(vector: NDArray[np.float32] | Sequence[float]) -> str:
    """Write the signs of a vector, one bit each, as base64.

    The share of bits in which two differ estimates their angle over π (Charikar, 2002): enough to tell near-duplicates.
    """
    return base64.b64encode(np.packbits(np.asarray(vector) > 0).tobytes()).decode("ascii")
