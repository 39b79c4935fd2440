"""The dashboard shows metrics that there are, by labels that they have."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from services.gateway.proxy import FAILURES
from shared import telemetry
from shared.bus.backlog import BACKLOG, DEAD, OLDEST

ROOT: Final = Path(__file__).parents[2]
DASHBOARD: Final = json.loads((ROOT / "deploy/grafana/paperwire.json").read_text("utf-8"))
OURS: Final = [value for value in vars(telemetry).values() if isinstance(value, MetricWrapperBase)]
METRICS: Final = [*OURS, FAILURES, BACKLOG, DEAD, OLDEST]
QUERIES: Final = [query for panel in DASHBOARD["panels"] for query in panel["targets"]]


def series(metric: Any) -> dict[str, set[str]]:
    """Give the names that Prometheus stores a metric under, each with its labels."""
    labels = set(metric._labelnames)
    if isinstance(metric, Counter):
        return {f"{metric._name}_total": labels}
    if isinstance(metric, Histogram):
        return {f"{metric._name}_bucket": labels | {"le"}, f"{metric._name}_count": labels}
    return {metric._name: labels}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query["expr"])
def test_a_panel_queries_existing_metrics(query: dict[str, str]) -> None:
    known = {name: labels for metric in METRICS for name, labels in series(metric).items()}
    (name,) = re.findall(r"paperwire_\w+", query["expr"])
    grouped = {label for by in re.findall(r"by \(([^)]*)\)", query["expr"]) for label in by.split(", ")}
    assert grouped <= known[name]
    assert set(re.findall(r"\{\{(\w+)\}\}", query["legendFormat"])) <= grouped


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(query["expr"] for query in QUERIES)
    assert [metric._name for metric in METRICS if metric._name not in shown] == []
