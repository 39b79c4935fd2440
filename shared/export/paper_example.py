"""The paper that the examples of the API show. Pure."""

from typing import Any, Final

PAPER: Final[dict[str, Any]] = {
    "id": "arXiv:2207.01780",
    "title": ("CodeRL: Mastering Code Generation through Pretrained Models and Deep Reinforcement Learning"),
    "abstract": (
        "Deep reinforcement learning for program synthesis in the actor–critic style: a second network learns to guess "
        "whether a candidate solution would pass its tests and rewards the writer accordingly."
    ),
    "authors": [{"name": "Hung Le"}, {"name": "Yue Wang"}, {"name": "Akhilesh Deepak Gotmare"}],
    "published": "2022-07-05",
    "date_basis": "stated",
    "updated": "2022-11-03",
    "categories": ["cs.LG", "cs.CL"],
    "status": "active",
    "identifiers": {"arxiv": "2207.01780", "doi": "10.48550/arxiv.2207.01780"},
    "sources": [
        {
            "source": "arxiv",
            "id": "2207.01780",
            "version": 2,
            "url": "https://arxiv.org/abs/2207.01780",
            "seen_at": "2022-11-04T01:00:12Z",
        }
    ],
    "links": {
        "abs": "https://arxiv.org/abs/2207.01780",
        "pdf": "https://arxiv.org/pdf/2207.01780",
        "code": [{"url": "https://github.com/salesforce/CodeRL", "stars": 550}],
    },
    "signals": {"upvotes": 12, "citations": 310, "stars": 550},
    "trending": 1.7,
    "keywords": ["program synthesis", "reinforcement learning"],
    "language": "en",
    "gist": "A second network learns to guess whether a candidate solution would pass its tests.",
}
