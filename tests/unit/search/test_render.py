import pytest

from services.search.web.docs import operations
from services.search.web.render import external, marked, page_of, people, search_for


def test_marked_text_is_escaped_around_and_inside_the_marks() -> None:
    assert marked("<b>a & b</b>", [[3, 4], [5, 8]]) == "&lt;b&gt;<mark>a</mark> <mark>&amp; b</mark>&lt;/b&gt;"


@pytest.mark.parametrize(
    "url", ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//x", "/x", "", None, "http://[")
)
def test_only_links_to_the_web_are_links(url: str | None) -> None:
    assert external(url) is None


def test_links_to_the_web_stay() -> None:
    assert external("https://arxiv.org/abs/2401.00001") == "https://arxiv.org/abs/2401.00001"


def test_ids_are_encoded_in_addresses() -> None:
    assert page_of("doi:10.1/a/b?c#d") == "/papers/doi:10.1%2Fa%2Fb%3Fc%23d"
    assert search_for([("q", "a&b"), ("sort", ""), ("category", "cs.CL")]) == "/?q=a%26b&category=cs.CL"


def test_many_authors_are_counted() -> None:
    assert people([{"name": f"A{n}"} for n in range(10)]).endswith("A7 and 2 more")


def test_operations_name_types_as_a_reader_would() -> None:
    document = {
        "components": {"schemas": {"Mode": {"enum": ["a", "b"]}, "B": {"properties": {"x": {"type": "integer"}}}}},
        "paths": {
            "/x": {
                "post": {
                    "summary": "S",
                    "description": "D",
                    "parameters": [
                        {
                            "name": "m",
                            "in": "query",
                            "required": False,
                            "schema": {"$ref": "#/components/schemas/Mode"},
                        },
                        {
                            "name": "n",
                            "in": "query",
                            "required": False,
                            "schema": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                        },
                        {
                            "name": "l",
                            "in": "query",
                            "required": False,
                            "schema": {"type": "array", "items": {"type": "string"}, "default": []},
                        },
                    ],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}},
                    "responses": {"204": {"description": "Done"}},
                }
            }
        },
    }
    (operation,) = operations(document)
    assert [row["type"] for row in operation["parameters"]] == ["a | b", "string (date)", "list of string"]
    assert [row["name"] for row in operation["body"]] == ["x"]
    assert operation["answer"] == []
