"""Every Lua script has a test that runs it on a real Redis."""

import pytest

from tests.architecture.sources import ROOT, name, tracked

TESTS = {
    "services/enricher/refresh/claim_works.lua": "tests/integration/enricher/refresh/test_due_works.py",
    "services/enricher/works/append_samples.lua": "tests/integration/enricher/works/test_samples.py",
    "services/fetcher/http/enter_line.lua": "tests/integration/fetcher/http/test_budget.py",
    "services/fetcher/http/leave_line.lua": "tests/integration/fetcher/http/test_budget.py",
    "services/fetcher/http/silence_host.lua": "tests/integration/fetcher/http/test_budget.py",
    "services/fetcher/pictures/claim_pictures.lua": "tests/integration/fetcher/pictures/test_picture_store.py",
    "services/fetcher/pictures/store_picture.lua": "tests/integration/fetcher/pictures/test_picture_store.py",
    "services/fetcher/polling/claim_sources.lua": "tests/integration/fetcher/polling/test_scaling.py",
    "services/fetcher/polling/hasten_source.lua": "tests/integration/fetcher/polling/test_source_store.py",
    "services/fetcher/polling/renew_sources.lua": "tests/integration/fetcher/polling/test_scaling.py",
    "services/fetcher/polling/settle_source.lua": "tests/integration/fetcher/polling/test_scaling.py",
    "services/notifier/alerts/keep_match.lua": "tests/integration/notifier/alerts/test_kept_matches.py",
    "services/notifier/delivery/claim.lua": "tests/integration/notifier/delivery/test_claims.py",
    "services/notifier/delivery/lanes.lua": "tests/integration/notifier/delivery/test_claims.py",
    "services/notifier/delivery/settle.lua": "tests/integration/notifier/delivery/test_claims.py",
    "services/notifier/delivery/take_over.lua": "tests/integration/notifier/delivery/test_claims.py",
    "services/notifier/subscription/claim_due.lua": "tests/integration/notifier/subscription/test_due_set.py",
    "shared/board/want_pictures.lua": "tests/integration/fetcher/pictures/test_picture_store.py",
    "shared/bus/clock.lua": "tests/integration/shared/coordination/test_quotas.py",
    "shared/bus/count_entries.lua": "tests/integration/shared/bus/test_backlog.py",
    "shared/bus/move_to_dead.lua": "tests/integration/shared/bus/test_dead_letters.py",
    "shared/coordination/enter_breaker.lua": "tests/integration/shared/coordination/test_breaker.py",
    "shared/coordination/hold_lease.lua": "tests/integration/shared/coordination/test_lease.py",
    "shared/coordination/release_lease.lua": "tests/integration/shared/coordination/test_lease.py",
    "shared/coordination/take_token.lua": "tests/integration/shared/coordination/test_quotas.py",
    "shared/llm/spend_budget.lua": "tests/integration/shared/llm/test_language_model.py",
}


def test_every_script_has_a_test() -> None:
    scripts = {name(path) for path in tracked() if path.suffix == ".lua"}
    assert scripts == set(TESTS), "add a test of the script, and name it here"


@pytest.mark.parametrize("test", sorted(set(TESTS.values())))
def test_the_test_of_a_script_exists(test: str) -> None:
    assert (ROOT / test).is_file()
