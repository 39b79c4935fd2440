"""`paperwire sources add --set` sets any field of any type of source."""

import pytest

from services.cli.commands.sources import settings_of
from services.fetcher.sources.sources_file import parse_source
from shared.errors import ConfigurationError


def test_lines_set_the_fields_of_a_type() -> None:
    given = settings_of(['categories = ["cs.CL", "cs.AI"]', "enabled=false"])
    config = parse_source({"name": "x", "type": "arxiv", **given}, "x")
    assert config.model_dump(include={"categories", "enabled"}) == {"categories": ("cs.CL", "cs.AI"), "enabled": False}


@pytest.mark.parametrize("line", ("query=cranes", "=", "url"))
def test_a_line_that_is_not_toml_is_refused_with_a_hint(line: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is not a line of TOML: .*\. Put text in quotes\."):
        settings_of([line])


def test_a_field_that_the_type_lacks_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a source of type 'feed' has no 'pages'"):
        parse_source({"name": "x", "type": "feed", "url": "https://e.org", **settings_of(["pages=3"])}, "x")
