"""The API keeps its own OpenAPI document, whatever is thrown at it."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support import examples

EXAMPLES = examples(60).max_examples
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def test_the_document_is_valid(http: httpx.Client) -> None:
    assert list(OpenAPIV31SpecValidator(http.get("/openapi.json").json()).iter_errors()) == []


def test_every_operation_answers_as_documented(instance_url: str, http: httpx.Client) -> None:
    """INVARIANT: no input makes a 5xx, and every answer has the form that the document promises."""
    schema = schemathesis.openapi.from_dict(http.get("/openapi.json").json())
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 8
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(schemathesis.GenerationMode.NEGATIVE)))
        def keeps(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(base_url=instance_url, checks=list(CHECKS))

        keeps()


def test_the_document_lists_the_public_paths(http: httpx.Client) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    public = {"/v1/search", "/v1/papers", "/v1/papers/{id}", "/v1/papers/{id}/similar", "/v1/trending", "/v1/facets"}
    assert public | {"/v1/recommendations", "/v1/status", "/healthz", "/readyz"} <= set(paths)
    assert all(urlsplit(path).path == path for path in paths)
