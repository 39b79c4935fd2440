"""An optional cross-encoder puts the first results in order again, and says how long it took."""

from pathlib import Path

import httpx
import onnx
import pytest
from onnx import TensorProto, helper

from shared.embedding.embedder import DEFAULT_MODEL, Embedder, EmbeddingModelError
from shared.embedding.offline_model import CACHE_NAME
from shared.embedding.reranker import Reranker, open_reranker
from tests.integration.search.instance import address, instance, paper

MODEL = "Xenova/ms-marco-MiniLM-L-6-v2"
CRANES = [
    paper(1, "Paper cranes", "They are folded."),
    paper(
        2, "Paper cranes again", "They are folded once more, by hand, in the evening, with a lamp and much patience."
    ),
    paper(3, "Paper cranes a third time", "They are folded in the morning."),
]


def longest_first() -> onnx.ModelProto:
    """Return a model in the form of a cross-encoder: its score is how many tokens it is given."""
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1])
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["ones"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["ones", "axes"], ["logits"], keepdims=1),
    ]
    graph = helper.make_graph(nodes, "longest_first", inputs, [output], [axes])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


@pytest.fixture
def cache(tmp_path: Path, models: Path, embedder: Embedder) -> Path:
    """Return a cache with the embedding model and a cross-encoder, as their hub fills it."""
    assert embedder.model == DEFAULT_MODEL, "it is made"
    made = tmp_path / "cache"
    snapshot = made / f"models--{MODEL.replace('/', '--')}" / "snapshots" / "0123"
    (snapshot / "onnx").mkdir(parents=True)
    (made / CACHE_NAME).symlink_to(models / CACHE_NAME)
    for path in (models / CACHE_NAME).glob("*.json"):
        (snapshot / path.name).write_bytes(path.read_bytes())
    onnx.save(longest_first(), snapshot / "onnx" / "model.onnx")
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("0123")
    return made


async def test_the_first_results_are_in_the_order_of_the_model(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    async with (
        instance(folder, cache, CRANES, reranker=MODEL.lower()) as runtime,
        httpx.AsyncClient(base_url=address(runtime)) as http,
    ):
        answer = (await http.get("/v1/search", params={"q": "paper cranes"})).json()
        page = (await http.get("/search", params={"q": "paper cranes"})).text
        other = (await http.get("/v1/search", params={"q": "paper cranes", "mode": "lexical"})).json()
    scores = [row["score"] for row in answer["results"]]
    assert [row["paper"]["id"][-1] for row in answer["results"]] == ["2", "3", "1"]
    assert scores == sorted(scores, reverse=True)
    assert answer["took_ms"] > answer["rerank_ms"] > 0
    assert "of them for ranking again" in page
    assert other["rerank_ms"] is None, "only a hybrid search is ranked again"


async def test_scores_are_in_the_order_of_texts(cache: Path) -> None:
    reranker: Reranker = await open_reranker(MODEL, cache)
    short, long, empty = await reranker.scores("cranes", ["one", "one two three four", ""])
    assert long > short > empty
    assert await reranker.scores("cranes", []) == []
    await reranker.close()


async def test_an_unknown_name_suggests_a_similar_one(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r'PAPERWIRE_RERANKER is "Xenova/ms-marco", .* leave it out'):
        await open_reranker("Xenova/ms-marco", tmp_path)
