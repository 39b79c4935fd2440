"""Validation errors: few and short, whatever the client sends."""

import time
from typing import Any

import pytest
from pydantic import Field

from shared.http.api import MAX_ERRORS, Body, Problem, dump, validated


class Inner(Body):
    b: int = 0


class Outer(Body):
    a: int = 0
    rows: tuple[int, ...] = ()
    most: int = Field(default_factory=lambda data: len(data["rows"]))
    inner: Inner = Inner()


HOSTILE = {
    "unknown fields": {f"f{n}": n for n in range(60_000)},
    "unknown fields of an object in it": {"inner": {f"f{n}": n for n in range(8_000)}},
    "wrong items": {"rows": ["x"] * 16_000},
    "long names": {"inner": {"\x00" * 600 + str(n): 1 for n in range(90)}},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_answer_to_a_wrong_body_is_within_4_kib(kind: str) -> None:
    started = time.perf_counter()
    with pytest.raises(Problem) as raised:
        validated(Outer, HOSTILE[kind])
    assert time.perf_counter() - started < 1
    body: dict[str, Any] = raised.value.body
    assert len(dump(body)) <= 4096
    assert len(body.get("errors", [])) <= MAX_ERRORS


def test_the_number_of_errors_is_told() -> None:
    with pytest.raises(Problem) as raised:
        validated(Outer, {"rows": ["x"] * 30})
    assert raised.value.body["error_count"] == 30
    assert len(raised.value.body["errors"]) == MAX_ERRORS
