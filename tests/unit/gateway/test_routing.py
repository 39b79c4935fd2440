"""Which service a path belongs to."""

import pytest

from services.gateway.routing import DEFAULT, ROUTES, SERVICES, service_of


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
def test_a_path_belongs_to_one_service(path: str, service: str) -> None:
    assert service_of(path) == service


def test_the_table_names_known_services_only() -> None:
    assert {service for _, service in ROUTES} | {DEFAULT} == set(SERVICES)
