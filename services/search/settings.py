"""Settings of search."""

from pydantic import Field

from shared.settings import Settings


class SearchSettings(Settings):
    """The settings of search."""

    reranker: str | None = Field(
        default=None,
        max_length=200,
        description="a cross-encoder that fastembed knows, which ranks the first 20 results of a hybrid search again",
    )
    security_contact: str | None = Field(
        default=None,
        max_length=500,
        pattern=r"^(?:mailto:|https://|tel:)[!-~]+$",
        description="where reports on security go: mailto:…, https://… or tel:…; served as /.well-known/security.txt",
    )
