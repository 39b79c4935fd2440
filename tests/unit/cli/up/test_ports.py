"""The ports of processes that are about to be started, and the proxies that each of them trusts."""

from ipaddress import ip_network

from services.cli.up.supervisor import free_ports, trusted_by


def test_no_two_of_the_free_ports_are_the_same() -> None:
    """INVARIANT: no service finds its port taken by a sibling. Probed one by one, some of 600 repeat."""
    found = free_ports(600)
    assert len(set(found)) == 600


def test_each_process_trusts_the_proxies_of_the_operator_and_services_the_gateway_too() -> None:
    proxies = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert trusted_by("gateway", proxies) == "10.0.0.0/8,fd00::/8"
    assert trusted_by("notifier", proxies) == "127.0.0.1/32,10.0.0.0/8,fd00::/8"
    assert trusted_by("gateway", ()) == ""
