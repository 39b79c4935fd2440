"""Models of fastembed by their names: out of the cache, or once from their hub."""

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastembed import TextEmbedding
from huggingface_hub import HfApi

from shared.embedding.offline_model import EmbeddingModelError

if TYPE_CHECKING:
    from fastembed.rerank.cross_encoder import TextCrossEncoder

HUB_TIMEOUT = 10.0  # seconds


def look_up(kind: "type[TextEmbedding | TextCrossEncoder]", model: str, setting: str, remedy: str) -> tuple[str, str]:
    """Return a model's name as fastembed spells it, and its hub repository.

    Raises:
        EmbeddingModelError: fastembed does not know the name, which `setting` has; `remedy` says what to do instead.

    """
    known = {entry["model"].lower(): entry for entry in kind.list_supported_models()}
    entry = known.get(model.lower())
    if entry is None:
        near = known[difflib.get_close_matches(model.lower(), known, n=1, cutoff=0.0)[0]]["model"]
        raise EmbeddingModelError(
            f'{setting} is "{model}", which fastembed does not know: {remedy}, '
            f'or take a name of fastembed\'s list, such as "{near}".'
        )
    return entry["model"], entry["sources"]["hf"]


def fetch(
    load: Callable[..., object], repository: str, starting: Callable[[], None], setting: str, remedy: str
) -> None:
    """Load a model's files into the cache, from its hub when some are missing.

    One short request comes first: fastembed alone takes 39 s to report that a hub is out of reach.

    Raises:
        EmbeddingModelError: the hub does not answer; `setting` and `remedy` as for `look_up`.

    """
    try:
        load(lazy_load=True, local_files_only=True)
    except ValueError:
        starting()
        try:
            HfApi().model_info(repository, timeout=HUB_TIMEOUT)
            load(lazy_load=True)
        except Exception as error:  # the hub's HTTP library, hence its errors, differs from version to version
            raise EmbeddingModelError(
                f"The model of {setting} cannot be downloaded from {repository} ({error}): let this machine reach "
                f"huggingface.co, or {remedy}."
            ) from error
