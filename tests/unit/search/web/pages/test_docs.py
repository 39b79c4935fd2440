from services.search.web.pages.docs import joined, operations


def test_operations_have_readable_type_names() -> None:
    document = {
        "components": {"schemas": {"Mode": {"enum": ["a", "b"]}, "B": {"properties": {"x": {"type": "integer"}}}}},
        "paths": {
            "/x": {
                "post": {
                    "operationId": "x",
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


def test_operations_of_several_documents_are_one_list() -> None:
    def document(*paths: str) -> dict[str, object]:
        operation = {"operationId": "x", "summary": "S", "description": "D", "parameters": [], "responses": {}}
        return {"components": {"schemas": {}}, "paths": {path: {"get": operation} for path in paths}}

    rows = joined([document("/v1/search", "/healthz"), document("/v1/keys", "/healthz")])
    assert [row["path"] for row in rows] == ["/healthz", "/v1/keys", "/v1/search"]
