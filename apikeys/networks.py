"""Networks that a key may be used from: how they are written, what lies within them. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

MAX_NETWORKS = 50
LONGEST = 64
MAPPED_BITS = 96  # of ::ffff:0:0/96, in which IPv4 addresses lie
Network = IPv4Network | IPv6Network


class BadNetwork(ValueError):
    """Not an address or a network as we take them; the text says why."""


def read(text: str) -> Network:
    """`192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`; IPv4 within IPv6 becomes IPv4. Raises BadNetwork."""
    address, slash, prefix = text.partition("/")
    if len(text) > LONGEST or not text.isascii():
        raise BadNetwork("This is not an address or a network such as 10.0.0.0/8.")
    if "%" in text:
        raise BadNetwork("An address with a zone (%…) means something on one machine only.")
    if slash and not prefix.isdigit():
        raise BadNetwork("Write the length of the prefix after the slash, as in 10.0.0.0/8.")
    try:
        network = ip_network(text, strict=False)
        written = ip_address(address)
    except ValueError:
        raise BadNetwork("This is not an address or a network such as 10.0.0.0/8.") from None
    if written != network.network_address:
        raise BadNetwork(f"Bits are set beyond the prefix. Did you mean {network}?")
    return _unmapped(network)


@lru_cache(maxsize=4096)
def contain(networks: tuple[Network, ...], address: str) -> bool:
    """Whether a client's address lies in one of them. What is no address lies in none."""
    try:
        client = ip_address(address)
    except ValueError:
        return False
    if isinstance(client, IPv6Address):
        if client.scope_id:
            return False
        client = client.ipv4_mapped or client
    return any(client in network for network in networks)


def cover(outer: Iterable[Network], inner: Network) -> bool:
    """Whether one of the outer networks holds all of the inner one."""
    return any(type(each) is type(inner) and inner.subnet_of(each) for each in outer)  # type: ignore[arg-type]


def _unmapped(network: Network) -> Network:
    if isinstance(network, IPv4Network) or network.network_address.ipv4_mapped is None:
        return network
    if network.prefixlen < MAPPED_BITS:
        raise BadNetwork("This network holds all of IPv4 and more. Write the IPv4 network itself.")
    mapped = IPv4Address(int(network.network_address) & 0xFFFFFFFF)
    return IPv4Network((mapped, network.prefixlen - MAPPED_BITS))
