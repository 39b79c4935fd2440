"""Which addresses may be dialled."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web

from shared.ip_addresses import is_allowed, literal_address
from shared.outbound import AddressRefusedError, outbound_session

PRIVATE = (
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3",  # noqa: S104  # nobody binds here
    "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
    "192.0.0.8", "192.0.0.170", "192.0.2.1", "198.18.0.1", "240.0.0.1", "255.255.255.255", "224.0.0.1", "239.1.1.1",
    "192.88.99.1",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1", "100::1", "fc00::1",
    "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8")
HERE = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_allowed(address, ())


@pytest.mark.parametrize(
    "address",
    ("169.254.169.254", "::ffff:169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "192.0.0.192"),
)
def test_metadata_addresses_are_refused_unless_they_are_allowed_by_themselves(address: str) -> None:
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not is_allowed(address, ())
    assert not is_allowed(address, everything)
    assert is_allowed(address, (ip_network(address.removeprefix("::ffff:")),))


@pytest.mark.parametrize(
    ("host", "address"),
    (
        ("10.0.0.1", "10.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("127。0。0。1", "127.0.0.1"),
        ("①②⑦.⓪.⓪.①", "127.0.0.1"), ("[::1]", "::1"), ("localhost", "127.0.0.1"), ("a.localhost.", "127.0.0.1"),
        ("127%2e0%2E0%2e1", "127.0.0.1"), ("%31%32%37.1", "127.0.0.1"), ("127.0.0.1\u00ad", "127.0.0.1"),
        ("127.0.0.1..", "127.0.0.1"), ("[fe80::1%25eth0]", "fe80::1"), ("loc\u200balhost", "127.0.0.1"),
        ("example.org", None), ("10.example", None), ("a" * 300, None), ("", None),
    ),
)  # fmt: skip
def test_an_address_is_recognized_in_every_spelling(host: str, address: str | None) -> None:
    assert literal_address(host) == address


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, ())


@pytest.mark.parametrize(
    ("address", "network", "allowed"),
    (
        ("10.1.2.3", "10.1.0.0/16", True),
        ("::ffff:10.1.2.3", "10.1.0.0/16", True),
        ("10.2.2.3", "10.1.0.0/16", False),
        ("fd12::1", "fd12::/16", True),
        ("::1", "::1/128", True),
        ("::1", "127.0.0.0/8", False),
        ("127.0.0.1", "::1/128", False),
    ),
)
def test_the_operator_can_allow_networks(address: str, network: str, allowed: bool) -> None:
    assert is_allowed(address, (ip_network(network),)) is allowed


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server on loopback that answers everything."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="inside")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize(
    "host",
    ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "①②⑦.⓪.⓪.①", "127。0。0。1", "127.1",  # noqa: S104
     "2130706433", "0x7f.0.0.1", "0177.0.0.1"),
)  # fmt: skip
async def test_no_spelling_of_a_host_reaches_a_private_address(port: int, host: str) -> None:
    """INVARIANT: the guard sees the address that is dialled, however it was written; nothing is ever sent there."""
    async with outbound_session((), "test", total=5) as session:
        with pytest.raises((AddressRefusedError, aiohttp.ClientError)) as caught:
            await session.get(f"http://{host}:{port}/")
    assert isinstance(caught.value, aiohttp.ClientConnectorError | aiohttp.InvalidURL)


async def test_an_allowed_network_is_reached_and_its_neighbour_is_not(port: int) -> None:
    async with outbound_session(HERE, "test", total=5) as session:
        async with session.get(f"http://127.0.0.1:{port}/") as response:
            assert await response.text() == "inside"
        with pytest.raises(aiohttp.ClientConnectorError, match="is a private address") as caught:
            await session.get(f"http://0.0.0.0:{port}/")
    assert "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS" in str(caught.value)
    assert isinstance(caught.value.os_error, AddressRefusedError)
