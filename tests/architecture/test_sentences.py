"""The list of sentences holds every text that a person reads."""

from functools import cache

import pytest

from tests.architecture.sentences import sentences


@cache
def found() -> frozenset[tuple[str, str, str]]:
    return frozenset((each.kind, each.file, " ".join(each.text.split())) for each in sentences())


@pytest.mark.parametrize(
    ("kind", "file", "part"),
    (
        ("page", "services/search/web/templates/home.html", "Newest papers"),
        ("page", "services/notifier/mailing/templates/confirm.txt", "If it was not you, ignore this message."),
        ("error", "services/notifier/subscribing/optin.py", "This subscription was not confirmed in time."),
        ("help", "services/cli/commands/sources.py", "List the sources and their states."),
        ("api", "services/search/api/search_routes.py", "Search papers"),
        ("log", "shared/runtime.py", "service ready"),
        ("docstring", "shared/outbound.py", "The reason why there is no complete answer."),
        ("test", "tests/architecture/test_sentences.py", "a text is in the list"),
        ("text", "services/cli/commands/doctor.py", "Nothing is wrong."),
        ("text", "services/notifier/pages/mail_actions.py", "You will get no more mail of"),
        ("text", "shared/telemetry.py", "Delivery attempts by outcome"),
    ),
)
def test_a_text_is_in_the_list(kind: str, file: str, part: str) -> None:
    assert any(part in text for of, where, text in found() if (of, where) == (kind, file))
