"""Which addresses outgoing calls may reach: our own table, as `is_global` passes too much. Pure."""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_DENIED_V4 = [
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, public by its number only
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
# Only 2000::/3 is given out; what is in it and still not the internet:
_GLOBAL_V6 = ip_network("2000::/3")
_DENIED_V6 = [ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_NAT64 = ip_network("64:ff9b::/96")


def is_allowed(text: str, allowed: Iterable[str] = ()) -> bool:
    """Whether an address is on the internet, or in one of the operator's own networks."""
    try:
        address = _unwrapped(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    if any(address in ip_network(block, strict=False) for block in allowed):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _DENIED_V4)
    return address in _GLOBAL_V6 and not any(address in block for block in _DENIED_V6)


def literal(host: str) -> str | None:
    """The address that a host spells, also in the old ways (`127.1`, `0x7f000001`) of resolvers."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _unwrapped(address: Address) -> Address:
    """Where packets really end: the IPv4 address in a mapped or NAT64 one (all of 6to4 is denied)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
