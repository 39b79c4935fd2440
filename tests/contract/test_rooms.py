"""The page of the architecture lists the rooms as they are."""

import pytest

from tests.contract.rooms import PAGE, ROOT, SERVICES, layers, page


def test_the_rooms_are_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.contract.rooms`"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_with_rooms_has_an_order_for_them(service: str) -> None:
    rooms = [path.parent.name for path in (ROOT / "services" / service).glob("*/__init__.py")]
    order = " ".join(layers().get(f"services.{service}", ())).split()
    assert [room for room in rooms if room not in order] == []
