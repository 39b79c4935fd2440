"""The ports of processes that are about to be started."""

from services.cli.up.supervisor import free_ports


def test_no_two_of_the_free_ports_are_the_same() -> None:
    """INVARIANT: no service finds its port taken by a sibling. Probed one by one, some of 600 repeat."""
    found = free_ports(600)
    assert len(set(found)) == 600
