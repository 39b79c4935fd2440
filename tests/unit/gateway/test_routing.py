"""Which service a path belongs to."""

import pytest

from services.gateway.routing import BY_PARAMETER, DEFAULT, ROUTES, SERVICES, service_of, services_of


@pytest.mark.parametrize(
    ("path", "service"),
    (
        ("/", "search"),
        ("/v1/search", "search"),
        ("/v1/papers/arXiv%3A2401.00001", "search"),
        ("/v1/subscriptions", "notifier"),
        ("/v1/subscriptions/", "notifier"),
        ("/v1/subscriptions/a%2Fb/deliveries", "notifier"),
        ("/v1/deliveries/1/redeliver", "notifier"),
        ("/v1/explain", "notifier"),
        ("/v1/operational-webhook", "notifier"),
        ("/v1/subscriptionsandmore", "search"),
        ("/v1", "search"),
        ("/x/v1/subscriptions", "search"),
    ),
)
def test_a_path_is_routed_to_one_service(path: str, service: str) -> None:
    assert service_of(path) == service


def test_the_table_names_known_services_only() -> None:
    assert {service for _, service in ROUTES} | {DEFAULT} == set(SERVICES)
    assert set(BY_PARAMETER.values()) <= set(SERVICES)


def test_a_query_parameter_can_choose_the_service() -> None:
    assert service_of("/v1/explain", {"q": "cranes", "paper": "x"}) == "search"
    assert service_of("/v1/explain", {"subscription": "1", "paper": "x"}) == "notifier"
    assert service_of("/v1/deliveries", {"q": "cranes"}) == "notifier"
    assert services_of("/v1/explain") == {"search", "notifier"}
    assert services_of("/v1/search") == {"search"}
